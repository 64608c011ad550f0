#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Parses a recipe as bitbake does, and says as JSON what bitbake sees; runs functions of it on request.

Everything is BitBake's own: reading the layers and their compatibility, collecting recipes and their appends, parsing,
and running functions. Only its server, its scheduler and its cache are left out.
"""

import argparse
import json
import logging
import os
import sys
import types

# BitBake's signatures can be had from a server, whose client is not in the package; nothing here asks for one.
for module in ("hashserv", "hashserv.client", "prserv", "prserv.serv"):
    sys.modules[module] = types.ModuleType(module)

import bb.build
import bb.cooker
import bb.cookerdata
import bb.siggen


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", help="the build directory, with conf/bblayers.conf and conf/local.conf")
    parser.add_argument("recipe", help="the recipe, by the name before the underscore")
    parser.add_argument("--output", required=True, help="the file for the JSON")
    parser.add_argument("--get", action="append", default=[], help="a variable to tell; its name may refer to others")
    parser.add_argument("--run", action="append", default=[], help="a function to run, in this order")
    return parser.parse_args()


def configuration(build):
    """The layers and the configuration of a build directory."""
    os.chdir(build)
    config = bb.cookerdata.CookerConfiguration()
    config.env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    builder = bb.cookerdata.CookerDataBuilder(config)
    builder.parseBaseConfiguration()
    return builder


def recipe_files(builder, recipe):
    """The file of the recipe, and those that append to it."""
    collection = bb.cooker.CookerCollectFiles([])
    files = collection.collect_bbfiles(builder.data, builder.data)[0]
    named = [path for path in files if os.path.basename(path).rsplit("_", 1)[0] == recipe]
    if len(named) != 1:
        sys.exit("%s: %d recipes of that name" % (recipe, len(named)))
    return named[0], collection.get_file_appends(named[0])


def tasks(d):
    """Each task with those that it waits for within the recipe, and those of other recipes."""
    return {
        task: {
            "after": sorted(d.getVarFlag(task, "deps", False) or []),
            "depends": (d.getVarFlag(task, "depends") or "").split(),
        }
        for task in d.getVar("__BBTASKS", False) or []
    }


def run(d, functions):
    """Runs the functions until one fails; its name."""
    for name in functions:
        try:
            flags = d.getVarFlags(name) or {}
            for function in (flags.get("prefuncs") or "").split() + [name]:
                bb.build.exec_func(function, d)
        except (bb.BBHandledException, bb.process.CmdError) as error:
            print("%s failed: %s" % (name, error), file=sys.stderr)
            return name
    return None


def main():
    """Does what the command line says."""
    args = arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s: %(message)s")
    logging.getLogger("BitBake").setLevel(logging.INFO)
    builder = configuration(args.build)
    file, appends = recipe_files(builder, args.recipe)
    d = builder.parseRecipe(file, appends, None)
    skipped = d.getVar("__SKIPPED")
    seen = {
        "file": file,
        "appends": appends,
        "skipped": skipped,
        "variables": {name: d.getVar(d.expand(name)) for name in args.get},
        "tasks": {} if skipped else tasks(d),
        "failed": None if skipped else run(d, args.run),
    }
    with open(args.output, "w", encoding="utf-8") as output:
        json.dump(seen, output, indent=1)


if __name__ == "__main__":
    main()

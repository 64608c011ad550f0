# SPDX-License-Identifier: GPL-2.0
# The fragments among the sources.

def find_cfgs(d):
    names = [uri.split(";")[0].removeprefix("file://") for uri in d.getVar("SRC_URI").split() if uri.startswith("file://")]
    return [os.path.join(d.getVar("UNPACKDIR"), name) for name in names if name.endswith(".cfg")]

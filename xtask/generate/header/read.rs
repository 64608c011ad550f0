// SPDX-License-Identifier: GPL-2.0

//! Reads the sources of the ABI.

use std::path::Path;

use anyhow::Context;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{braced, Attribute, Expr, Ident, Item, ItemConst, ItemStruct, Lit, Meta, Token, Type};

use super::model::{Abi, Compat, Constant, Field, Ioctl, Struct};
use super::names;

/// The modules that hold structures, constants and ioctls, in the order in which the header has them.
const MODULES: [&str; 7] = [
    "device",
    "context",
    "memory",
    "command",
    "sync",
    "timeline",
    "perfcounter",
];

/// The module that holds what 32-bit programs have.
const COMPAT: &str = "compat";

/// Reads the ABI below the directory.
pub(super) fn read(directory: &Path) -> anyhow::Result<Abi> {
    let mut abi = Abi::default();
    for module in MODULES {
        for item in parse(directory, module)?.items {
            match item {
                Item::Struct(item) => abi.structs.push(structure(module, &item)?),
                Item::Const(item) => constant(&mut abi, module, &item)?,
                _ => {}
            }
        }
    }
    for item in parse(directory, COMPAT)?.items {
        match item {
            Item::Macro(item) if item.mac.path.is_ident(COMPAT) => {
                let list: CompatList = item.mac.parse_body().context("reading `compat!`")?;
                abi.compat.extend(list.0);
            }
            _ => {}
        }
    }
    Ok(abi)
}

fn parse(directory: &Path, module: &str) -> anyhow::Result<syn::File> {
    let path = directory.join(module).with_extension("rs");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    syn::parse_file(&text).with_context(|| format!("parsing {}", path.display()))
}

fn structure(module: &str, item: &ItemStruct) -> anyhow::Result<Struct> {
    let docs = docs(&item.attrs);
    let fields = item.fields.iter().map(|field| {
        let (kind, length) = element(&field.ty)?;
        Ok(Field {
            name: field
                .ident
                .as_ref()
                .context("a field without a name")?
                .to_string(),
            kind,
            length,
            docs: self::docs(&field.attrs),
        })
    });
    Ok(Struct {
        path: format!("{module}::{}", item.ident),
        names: names::of_struct(&docs),
        fields: fields.collect::<anyhow::Result<_>>()?,
        docs,
    })
}

/// The type of a field, or of its elements and how many there are.
fn element(kind: &Type) -> anyhow::Result<(String, Option<usize>)> {
    let Type::Array(array) = kind else {
        return Ok((kind.to_token_stream().to_string(), None));
    };
    let Expr::Lit(length) = &array.len else {
        anyhow::bail!("an array whose length is no number");
    };
    let Lit::Int(length) = &length.lit else {
        anyhow::bail!("an array whose length is no number");
    };
    Ok((
        array.elem.to_token_stream().to_string(),
        Some(length.base10_parse()?),
    ))
}

/// Takes a constant in: an integer or an ioctl; others are none of C's business.
fn constant(abi: &mut Abi, module: &str, item: &ItemConst) -> anyhow::Result<()> {
    let (name, docs) = (item.ident.to_string(), docs(&item.attrs));
    let path = format!("{module}::{name}");
    match item.ty.to_token_stream().to_string().as_str() {
        kind @ ("u32" | "u64" | "i32") => abi.constants.push(Constant {
            path,
            name: names::of_constant(&name, &docs),
            kind: kind.to_owned(),
            value: item.expr.to_token_stream().to_string(),
            docs,
        }),
        kind => {
            if let Some(argument) = kind.strip_prefix("Ioctl < ") {
                let argument = format!("{module}::{}", argument.trim_end_matches(" >"));
                abi.ioctls.push(ioctl(name, argument, docs, &item.expr)?);
            }
        }
    }
    Ok(())
}

/// An ioctl from the call that makes it: `Ioctl::write(0x07)`, `Ioctl::read_write(0x02)` or
/// `Ioctl::read_write_from(0x33, 32)`.
fn ioctl(name: String, argument: String, docs: Vec<String>, value: &Expr) -> anyhow::Result<Ioctl> {
    let Expr::Call(call) = value else {
        anyhow::bail!("{name} is not made by a call");
    };
    let Some(Expr::Lit(number)) = call.args.first() else {
        anyhow::bail!("{name} has no number");
    };
    let Lit::Int(number) = &number.lit else {
        anyhow::bail!("{name} has no number");
    };
    let maker = call.func.to_token_stream().to_string();
    let writes_back = match maker.rsplit(' ').next() {
        Some("read_write" | "read_write_from") => true,
        Some("write") => false,
        _ => anyhow::bail!("{name} is made by {maker}, which nobody knows here"),
    };
    Ok(Ioctl {
        name,
        writes_back,
        number: number.base10_parse()?,
        argument,
        docs,
    })
}

/// The lines of the documentation.
fn docs(attributes: &[Attribute]) -> Vec<String> {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value().trim().to_owned()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        });
    lines.collect()
}

/// What stands in `compat! { ... }`: each `Name = path { field: type, ... }`.
struct CompatList(Vec<(String, Compat)>);

impl Parse for CompatList {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut list = Vec::new();
        while !input.is_empty() {
            input.call(Attribute::parse_outer)?;
            input.parse::<Ident>()?;
            input.parse::<Token![=]>()?;
            let native: syn::Path = input.parse()?;
            let body;
            braced!(body in input);
            let fields =
                body.call(syn::punctuated::Punctuated::<CompatField, Token![,]>::parse_terminated)?;
            let compat = Compat {
                fields: fields
                    .into_iter()
                    .map(|field| (field.name, field.kind))
                    .collect(),
            };
            let native = native.to_token_stream().to_string().replace(' ', "");
            list.push((native, compat));
        }
        Ok(Self(list))
    }
}

/// A field of a 32-bit program's structure: its name, and the type of it or of its elements.
struct CompatField {
    name: String,
    kind: String,
}

impl Parse for CompatField {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        let kind: Type = input.parse()?;
        let kind = match &kind {
            Type::Array(array) => array.elem.to_token_stream().to_string(),
            other => other.to_token_stream().to_string(),
        };
        Ok(Self {
            name: name.to_string(),
            kind,
        })
    }
}

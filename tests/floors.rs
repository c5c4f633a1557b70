//! The floors of the house: a module uses its own floor and those below, never one above; only `browser/` names the web
//! platform's crates; no two files use each other.
//!
//! The sources are parsed, so comments and strings do not count. Modules of tests may use any floor.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// The floor of each module of the crate.
const FLOORS: [(&str, u8); 12] = [
    ("time", 0),
    ("frame", 0),
    ("pipeline", 1),
    ("store", 2),
    ("decoder", 2),
    ("protocol", 2),
    ("service", 3),
    ("api", 4),
    ("browser", 5),
    ("worker", 6),
    ("client", 6),
    ("ui", 7),
];
/// Modules up to this floor are pure.
const LAST_PURE: u8 = 4;
/// Crates of the web platform, which `browser` and the programs in `bin` alone name.
const PLATFORM: [&str; 4] = ["web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures"];
/// Crates that no pure floor names; `leptos` stands for all whose names begin with it, such as `leptos_use`.
const IMPURE: [&str; 5] = ["leptos", "reactive_stores", "gloo_timers", "getrandom", "futures_channel"];
/// Folders of one verb, or of one page, whose files may use one another.
const TOGETHER: [&str; 3] = ["frame::ops::pivot_table", "frame::ops::rolling", "ui"];

/// A file of the crate, by its module path: `store::journal::format`.
type Module = String;

#[derive(Default)]
struct Paths {
    /// Paths of `use` items and of expressions and types, segment by segment.
    found: Vec<Vec<String>>,
    /// What `pub use` items of this file hand on: name, and the path behind it.
    handed_on: Vec<(String, Vec<String>)>,
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

impl Paths {
    fn walk(&mut self, tree: &syn::UseTree, before: &mut Vec<String>, is_handed_on: bool) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.walk(&path.tree, before, is_handed_on);
                before.pop();
            }
            syn::UseTree::Name(name) => self.add(before, &name.ident, &name.ident, is_handed_on),
            syn::UseTree::Rename(name) => self.add(before, &name.ident, &name.rename, is_handed_on),
            syn::UseTree::Glob(_) => self.found.push(before.clone()),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.walk(tree, before, is_handed_on));
            }
        }
    }

    fn add(&mut self, before: &[String], name: &syn::Ident, known_as: &syn::Ident, is_handed_on: bool) {
        let path = [before, &[name.to_string()]].concat();
        if is_handed_on {
            self.handed_on.push((known_as.to_string(), path.clone()));
        }
        self.found.push(path);
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.walk(&item.tree, &mut Vec::new(), !matches!(item.vis, syn::Visibility::Inherited));
        }
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

fn paths(source: &str) -> Paths {
    let mut paths = Paths::default();
    paths.visit_file(&syn::parse_file(source).expect("the sources compile"));
    paths
}

/// The path as seen from the crate's root, if it leads into the crate.
fn within_crate(module: &str, path: &[String]) -> Option<Vec<String>> {
    let own: Vec<String> = module.split("::").map(str::to_owned).collect();
    let first = path.first()?;
    match first.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([&own[..], &path[1..]].concat()),
        "super" => {
            let ups = path.iter().take_while(|segment| *segment == "super").count();
            Some([&own[..own.len().checked_sub(ups)?], &path[ups..]].concat())
        }
        _ => None,
    }
}

fn floor(module: &str) -> Option<u8> {
    let top = module.split("::").next()?;
    FLOORS.iter().find(|(name, _)| *name == top).map(|(_, floor)| *floor)
}

/// What is wrong with a file, in sentences.
fn violations(module: &str, source: &str) -> Vec<String> {
    let Some(own) = floor(module) else { return Vec::new() };
    let mut wrong = Vec::new();
    for path in paths(source).found {
        let text = path.join("::");
        if let Some(target) = within_crate(module, &path).and_then(|path| path.first().cloned())
            && floor(&target).is_some_and(|floor| floor > own)
        {
            wrong.push(format!("{module} (floor {own}) reaches up: {text}"));
        }
        let Some(name) = path.first().filter(|_| path.len() > 1) else { continue };
        if PLATFORM.contains(&name.as_str()) && !module.starts_with("browser") {
            wrong.push(format!("{module} names the web platform, which browser/ alone does: {text}"));
        }
        if own <= LAST_PURE && IMPURE.iter().any(|impure| name.starts_with(impure)) {
            wrong.push(format!("{module} (floor {own}) is pure and may not use {text}"));
        }
    }
    wrong.sort();
    wrong.dedup();
    wrong
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules of the crate but those of tests, with their sources.
fn modules() -> BTreeMap<Module, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<Module, String>) {
        for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(sources()).expect("it lies below").with_extension("");
                let segments: Vec<_> = relative.iter().map(|name| name.to_string_lossy().into_owned()).collect();
                let name = segments.join("::").trim_end_matches("::mod").to_owned();
                let is_test = name.ends_with("_tests") || name.ends_with("::tests");
                if !is_test && name != "lib" && !name.starts_with("bin::") {
                    found.insert(name, fs::read_to_string(&path).expect("it can be read"));
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&sources(), &mut found);
    found
}

/// The file that a path leads to, through what modules hand on.
fn file_of(path: &[String], files: &BTreeMap<Module, Paths>) -> Option<Module> {
    let longest = (1..=path.len()).rev().find(|len| files.contains_key(&path[..*len].join("::")))?;
    let module = path[..longest].join("::");
    let name = path.get(longest);
    let handed_on = name.and_then(|name| files[&module].handed_on.iter().find(|(known, _)| known == name));
    match handed_on.and_then(|(_, behind)| within_crate(&module, behind).or_else(|| below(&module, behind))) {
        // A module that hands on a name of its own would lead here again.
        Some(behind) if behind != path => file_of(&behind, files),
        _ => Some(module),
    }
}

/// A path relative to a module, such as `queue::Queue` in `pipeline`.
fn below(module: &str, path: &[String]) -> Option<Vec<String>> {
    Some([&module.split("::").map(str::to_owned).collect::<Vec<_>>()[..], path].concat())
}

/// The circles of uses. A file that hands on a name of another does not count as its user.
fn circles(sources: &BTreeMap<Module, String>) -> BTreeSet<Vec<Module>> {
    let files: BTreeMap<Module, Paths> =
        sources.iter().map(|(module, source)| (module.clone(), paths(source))).collect();
    let mut uses: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, Paths { found, handed_on }) in &files {
        let targets = uses.entry(module.clone()).or_default();
        let own = found.iter().filter(|path| !handed_on.iter().any(|(_, behind)| behind == *path));
        for path in own.filter_map(|path| within_crate(module, path)) {
            let target = file_of(&path, &files);
            let are_together =
                |target: &str| TOGETHER.iter().any(|folder| module.starts_with(folder) && target.starts_with(folder));
            targets.extend(target.filter(|target| target != module && !are_together(target)));
        }
    }
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        uses.keys().map(|module| (module, reachable(module, &uses))).collect();
    let in_circle = uses.keys().filter(|module| reached[module].contains(module));
    let circle = |module: &Module| {
        let members = reached[module].iter().filter(|other| reached[**other].contains(module));
        members.map(|other| (*other).clone()).collect::<Vec<_>>()
    };
    in_circle.map(circle).collect()
}

/// The files that a file uses, and those that these use, and so on.
fn reachable<'a>(module: &Module, uses: &'a BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Module> = uses[module].iter().collect();
    while let Some(target) = next.pop() {
        if reached.insert(target) {
            next.extend(&uses[target]);
        }
    }
    reached
}

#[test]
fn no_module_reaches_up_and_only_browser_names_the_platform() {
    let modules = modules();
    assert!(modules.len() > 100, "the sources are found");
    let wrong: Vec<String> = modules.iter().flat_map(|(module, source)| violations(module, source)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_crate_has_a_floor() {
    let tops: BTreeSet<String> =
        modules().keys().map(|module| module.split("::").next().unwrap_or_default().to_owned()).collect();
    assert_eq!(tops, FLOORS.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn no_two_files_use_each_other() {
    let circles = circles(&modules());
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn planted_lines_are_found() {
    let planted = [
        ("store::planted", "use crate::api::App;"),
        ("store::planted", "fn f() { crate::service::snapshot(); }"),
        ("pipeline::planted", "use super::super::store::History;"),
        ("frame::planted", "use leptos::prelude::*;"),
        ("store::planted", "use leptos_use_media_query::use_media_query;"),
        ("client::planted", "fn f(value: &wasm_bindgen::JsValue) {}"),
        ("api::planted", "use crate::{browser::clock, frame::Frame};"),
    ];
    for (module, source) in planted {
        assert_eq!(violations(module, source).len(), 1, "{module}: {source}");
    }
    let allowed = [
        ("api::planted", "use crate::service::PipelineService; // crate::ui"),
        ("browser::planted", "use web_sys::Window;"),
        ("store::planted", "#[cfg(test)] mod tests { use crate::api::App; }"),
    ];
    for (module, source) in allowed {
        assert_eq!(violations(module, source), Vec::<String>::new(), "{module}: {source}");
    }
}

#[test]
fn planted_circles_are_found() {
    let files = |sources: &[(&str, &str)]| {
        sources.iter().map(|(module, source)| ((*module).to_owned(), (*source).to_owned())).collect()
    };
    let circle = files(&[
        ("store", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("store::a", "use super::B; pub struct A;"),
        ("store::b", "use super::A; pub struct B;"),
    ]);
    assert_eq!(circles(&circle), [["store::a", "store::b"].map(str::to_owned).to_vec()].into());
    let line = files(&[
        ("store", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("store::a", "use super::B; pub struct A;"),
        ("store::b", "pub struct B;"),
    ]);
    assert_eq!(circles(&line), BTreeSet::new());
}

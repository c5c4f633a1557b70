//! Files that a person chose, dropped or follows: handles on them, which travel to the pipeline. No rows
//! are read here.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, File, HtmlInputElement};

use super::error::sentence;

// What is dropped, as files and folders. web-sys marks the handles as unstable.
#[wasm_bindgen]
extern "C" {
    type DropEvent;
    #[wasm_bindgen(method, getter, js_name = dataTransfer)]
    fn data_transfer(this: &DropEvent) -> Option<Transfer>;
    type Transfer;
    #[wasm_bindgen(method, getter)]
    fn items(this: &Transfer) -> Items;
    type Items;
    #[wasm_bindgen(method, getter)]
    fn length(this: &Items) -> u32;
    #[wasm_bindgen(method, indexing_getter)]
    fn get(this: &Items, at: u32) -> Item;
    type Item;
    #[wasm_bindgen(method, js_name = webkitGetAsEntry)]
    fn entry(this: &Item) -> Option<Entry>;
    #[wasm_bindgen(method, js_name = getAsFile)]
    fn file(this: &Item) -> Option<File>;
    #[wasm_bindgen(method, catch, js_name = getAsFileSystemHandle)]
    fn handle(this: &Item) -> Result<Promise, JsValue>;

    #[derive(Debug, Clone)]
    type Entry;
    #[wasm_bindgen(method, getter, js_name = isFile)]
    fn is_file(this: &Entry) -> bool;
    #[wasm_bindgen(method, getter, js_name = fullPath)]
    fn full_path(this: &Entry) -> String;
    #[wasm_bindgen(method)]
    fn file(this: &Entry, resolve: &Function, reject: &Function);
    #[wasm_bindgen(method, js_name = createReader)]
    fn reader(this: &Entry) -> EntryReader;
    type EntryReader;
    #[wasm_bindgen(method, js_name = readEntries)]
    fn read(this: &EntryReader, resolve: &Function, reject: &Function);

    #[wasm_bindgen(catch, js_name = showOpenFilePicker)]
    fn show_open_file_picker(options: &Object) -> Result<Promise, JsValue>;
    /// A handle that gives the file as it is at the moment.
    #[derive(Debug, Clone)]
    type Handle;
    #[wasm_bindgen(method, js_name = getFile)]
    fn current(this: &Handle) -> Promise;
}

/// The most files of a folder that are taken; a folder of a home directory has no end.
const MAX_FILES: usize = 1000;

/// A file that a person chose. The pipeline reads it, in slices; it stays on this machine.
#[derive(Debug, Clone)]
pub struct SourceFile {
    file: File,
    handle: Option<Handle>,
    name: String,
}

impl SourceFile {
    /// The files of an `<input type="file">`, also of one with `multiple` or `webkitdirectory`. The field is cleared, so
    /// that the same file can be chosen again.
    pub fn chosen(event: &Event) -> Vec<Self> {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
            return Vec::new();
        };
        let files = input.files();
        let chosen = (0..files.as_ref().map_or(0, |files| files.length()))
            .filter_map(|at| files.as_ref()?.get(at))
            .map(|file| {
                let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
                let name = path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
                Self { file, handle: None, name }
            })
            .take(MAX_FILES)
            .collect();
        input.set_value("");
        sorted(chosen)
    }

    /// Whether the browser lets a person choose a file that can be followed: Chromium does, Firefox does not.
    pub fn can_be_followed_here() -> bool {
        Reflect::has(&js_sys::global(), &"showOpenFilePicker".into()).unwrap_or(false)
    }

    /// Lets a person choose files that can be followed; none, when they change their mind. It has to be called while a
    /// click or a key is handled.
    ///
    /// # Errors
    /// A sentence, when the browser does not let them.
    pub async fn pick() -> Result<Vec<Self>, String> {
        if !Self::can_be_followed_here() {
            return Err("this browser lets no page follow a file; drop it again to load what was added".to_owned());
        }
        let options = Object::new();
        let _ = Reflect::set(&options, &"multiple".into(), &true.into());
        let refused = |error: JsValue| format!("the file cannot be opened: {}", sentence(&error));
        let handles = match JsFuture::from(show_open_file_picker(&options).map_err(refused)?).await {
            Ok(handles) => handles,
            Err(error) if is_named(&error, "AbortError") => return Ok(Vec::new()),
            Err(error) => return Err(refused(error)),
        };
        let mut picked = Vec::new();
        for handle in Array::from(&handles).iter() {
            picked.push(Self::of_handle(handle.unchecked_into()).await.map_err(refused)?);
        }
        Ok(sorted(picked))
    }

    async fn of_handle(handle: Handle) -> Result<Self, JsValue> {
        let file: File = JsFuture::from(handle.current()).await?.unchecked_into();
        Ok(Self { name: file.name(), file, handle: Some(handle) })
    }

    /// A file that was made here, such as an example.
    ///
    /// # Errors
    /// A sentence, when the browser has no room for it.
    pub fn made(name: &str, text: &str) -> Result<Self, String> {
        let file = File::new_with_str_sequence(&Array::of1(&text.into()), name);
        let file = file.map_err(|error| format!("the browser has no room for \"{name}\": {}", sentence(&error)))?;
        Ok(Self { file, handle: None, name: name.to_owned() })
    }

    /// A file that a script of the page made.
    pub(super) fn of_js(file: File) -> Self {
        Self { name: file.name(), file, handle: None }
    }

    /// Its name, with the folders below the one that was chosen.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its length in bytes.
    pub fn len(&self) -> f64 {
        self.file.size()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0.0
    }

    /// Its first bytes, so many at most, of what is no source of rows.
    ///
    /// # Errors
    /// A sentence, when they cannot be read.
    pub async fn start(&self, most_bytes: f64) -> Result<Vec<u8>, String> {
        let refused = |error: JsValue| format!("\"{}\" cannot be read: {}", self.name, sentence(&error));
        let slice = self.file.slice_with_f64_and_f64(0.0, self.len().min(most_bytes)).map_err(refused)?;
        let buffer = JsFuture::from(slice.array_buffer()).await.map_err(refused)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    /// When it was changed, in milliseconds since the epoch.
    pub fn modified_millis(&self) -> f64 {
        self.file.last_modified()
    }

    /// Whether the lines that it grows by can be read.
    pub fn can_be_followed(&self) -> bool {
        self.handle.is_some()
    }

    /// What is sent to the worker: the handle, where there is one, else the file.
    pub(super) fn to_js(&self) -> JsValue {
        match &self.handle {
            Some(handle) => handle.clone().into(),
            None => self.file.clone().into(),
        }
    }
}

/// Files and folders that were dropped. Read them with [`files`](Self::files): the event itself gives them only while it
/// is handled.
#[derive(Debug, Default)]
pub struct Dropped {
    entries: Vec<(Entry, Option<Promise>)>,
    /// Those that have no entry: in Chromium, what a script put among the items.
    files: Vec<File>,
}

impl Dropped {
    /// What this `drop` event brings; to be called while the event is handled.
    pub fn of_event(event: &Event) -> Self {
        let Some(transfer) = event.unchecked_ref::<DropEvent>().data_transfer() else { return Self::default() };
        let items = transfer.items();
        let mut dropped = Self::default();
        for at in 0..items.length() {
            let item = items.get(at);
            let Some(entry) = item.entry() else {
                dropped.files.extend(item.file());
                continue;
            };
            // Only Chromium has them, and only files can be followed.
            let handle = if entry.is_file() { item.handle().ok() } else { None };
            dropped.entries.push((entry, handle));
        }
        dropped
    }

    /// Whether no file and no folder was dropped: a text, or a link.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.files.is_empty()
    }

    /// The files, also those in folders, sorted by name; at most a thousand. Files whose names begin with a dot are left
    /// out of folders.
    ///
    /// # Errors
    /// A sentence, when one of them cannot be read.
    pub async fn files(self) -> Result<Vec<SourceFile>, String> {
        let refused = |error: JsValue| format!("what was dropped cannot be read: {}", sentence(&error));
        let plain = self.files.into_iter().map(|file| SourceFile { name: file.name(), file, handle: None });
        let mut files: Vec<SourceFile> = plain.collect();
        let mut folders = Vec::new();
        for (entry, handle) in self.entries {
            if !entry.is_file() {
                folders.push(entry);
                continue;
            }
            let handle = match handle {
                Some(handle) => JsFuture::from(handle).await.ok().filter(JsValue::is_object),
                None => None,
            };
            let file = match handle {
                Some(handle) => SourceFile::of_handle(handle.unchecked_into()).await,
                None => file_of(&entry).await,
            };
            files.push(file.map_err(refused)?);
        }
        while let Some(folder) = folders.pop() {
            for entry in entries_of(&folder).await.map_err(refused)? {
                let path = entry.full_path();
                if path.rsplit('/').next().is_some_and(|name| name.starts_with('.')) {
                    continue;
                }
                match entry.is_file() {
                    true if files.len() < MAX_FILES => files.push(file_of(&entry).await.map_err(refused)?),
                    true => return Ok(sorted(files)),
                    false => folders.push(entry),
                }
            }
        }
        Ok(sorted(files))
    }
}

async fn file_of(entry: &Entry) -> Result<SourceFile, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| entry.file(&resolve, &reject));
    let file: File = JsFuture::from(promise).await?.unchecked_into();
    let name = entry.full_path().trim_start_matches('/').to_owned();
    Ok(SourceFile { file, handle: None, name })
}

/// All entries of a folder: a reader gives them in parts, and an empty one at the end.
async fn entries_of(folder: &Entry) -> Result<Vec<Entry>, JsValue> {
    let reader = folder.reader();
    let mut entries = Vec::new();
    loop {
        let promise = Promise::new(&mut |resolve, reject| reader.read(&resolve, &reject));
        let part = Array::from(&JsFuture::from(promise).await?);
        if part.length() == 0 {
            return Ok(entries);
        }
        entries.extend(part.iter().map(|entry| entry.unchecked_into::<Entry>()));
    }
}

fn sorted(mut files: Vec<SourceFile>) -> Vec<SourceFile> {
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

fn is_named(error: &JsValue, name: &str) -> bool {
    Reflect::get(error, &"name".into()).is_ok_and(|found| found.as_string().as_deref() == Some(name))
}

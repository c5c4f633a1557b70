//! The origin private file system: files that this worker reads and writes in place.
//!
//! Opening a file is asynchronous, using an open one is not. So all files of the pipeline are opened at the start, with
//! some empty ones, which [`Storage::create`] takes from; [`Opfs::grow`] opens more in the background.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::sentence;
use crate::store::{FileId, Storage, StoreError};

// web-sys has these too, all but the `mode` of `createSyncAccessHandle`, which it marks as unstable: these take every
// option in a plain object.
#[wasm_bindgen]
extern "C" {
    type Directory;
    #[wasm_bindgen(method, catch, js_name = getDirectoryHandle)]
    fn directory(this: &Directory, name: &str, options: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getFileHandle)]
    fn file(this: &Directory, name: &str, options: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEntry)]
    fn remove(this: &Directory, name: &str, options: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method)]
    fn keys(this: &Directory) -> Names;
    type Names;
    #[wasm_bindgen(method)]
    fn next(this: &Names) -> Promise;

    type FileHandle;
    #[wasm_bindgen(method, catch, js_name = createSyncAccessHandle)]
    fn open(this: &FileHandle, options: &Object) -> Result<Promise, JsValue>;

    #[derive(Debug, Clone)]
    type Access;
    #[wasm_bindgen(method, catch, js_name = getSize)]
    fn size(this: &Access) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Access, bytes: &mut [u8], options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn write(this: &Access, bytes: &[u8], options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn truncate(this: &Access, len: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn flush(this: &Access) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Access);
}

/// The folder below the origin's root that all pipelines of the origin share.
const FOLDER: &str = "millrace";
/// Spare empty files: two for a checkpoint, and some for the time while more are opened.
const SPARE_FILES: usize = 6;
/// Time limit for a worker that is ending to release a file.
const PATIENCE_MILLIS: u32 = 3000;
/// A file that only reserves space, to be removed when the disk is full: before old data can be removed, a checkpoint
/// has to be written beside it, and that is never longer than a journal.
const BALLAST: &str = "ballast";
const BALLAST_BYTES: f64 = (8 << 20) as f64;
const RETRY_MILLIS: u32 = 30;

/// The files of one pipeline.
#[derive(Debug)]
pub struct Opfs {
    folder: JsValue,
    files: RefCell<Vec<Slot>>,
    /// Whether files are being opened. A second, concurrent opening would count from the same number, and two handles
    /// of one file on disk overwrite each other's blocks.
    is_growing: Cell<bool>,
    /// Why no more files could be opened the last time.
    shortage: RefCell<Option<StoreError>>,
    ballast: RefCell<Option<Access>>,
}

/// An open file; its number is its index.
#[derive(Debug)]
struct Slot {
    access: Access,
    len: u64,
    is_used: bool,
}

/// Why the files of a pipeline cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// The browser has none or refuses access, for this reason: private windows, blocked storage.
    Unavailable(String),
    /// There may be some, and they cannot be opened: there is no space, or something else has them open.
    Unread(StoreError),
}

impl Opfs {
    /// Opens all files of the pipeline with this base path. Where there is no space for more of them, those that exist
    /// are opened, and [`Storage::create`] reports it.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(base: &str) -> Result<Rc<Self>, OpenError> {
        let folder = folder(base).await.map_err(|error| match failure(&error) {
            error @ StoreError::Full(_) => OpenError::Unread(error),
            error => OpenError::Unavailable(error.to_string()),
        })?;
        Self::open_in(folder).await.map_err(OpenError::Unread)
    }

    async fn open_in(folder: JsValue) -> Result<Rc<Self>, StoreError> {
        let count = count(folder.unchecked_ref()).await.map_err(|error| failure(&error))?;
        let opfs = Rc::new(Self {
            folder,
            files: RefCell::default(),
            is_growing: Cell::default(),
            shortage: RefCell::default(),
            ballast: RefCell::default(),
        });
        if let Err(error) = opfs.open_more(count).await {
            // Where files are opened by one alone, the next attempt would not get them.
            opfs.close();
            return Err(error);
        }
        opfs.grow().await;
        // Without space for it, the first write reports that.
        drop(opfs.take_ballast().await);
        Ok(opfs)
    }

    async fn take_ballast(&self) -> Result<(), JsValue> {
        let file = self.folder.unchecked_ref::<Directory>().file(BALLAST, &options("create", true))?;
        let handle = JsFuture::from(file).await?;
        let access = self.access(handle.unchecked_ref(), open(handle.unchecked_ref())).await?;
        let taken = access.truncate(BALLAST_BYTES);
        self.ballast.replace(Some(access));
        taken
    }

    /// Removes the ballast and reopens files that are now empty: the browser frees their space only when a file is
    /// closed.
    ///
    /// # Errors
    /// A sentence, when the files cannot be opened again; files in use stay open.
    pub async fn give_way(&self) -> Result<(), String> {
        if let Some(ballast) = self.ballast.take() {
            // A ballast that cannot be truncated leaves the disk as it was.
            let _ = ballast.truncate(0.0);
            ballast.close();
        }
        let unused: Vec<usize> = {
            let mut files = self.files.borrow_mut();
            let unused = files.iter_mut().enumerate().filter(|(_, slot)| !slot.is_used);
            unused
                .map(|(number, slot)| {
                    slot.access.close();
                    // It must not be given out while it is closed.
                    slot.is_used = true;
                    number
                })
                .collect()
        };
        for number in unused {
            let access = self.open_file(number).await.map_err(|error| sentence(&error))?;
            match self.files.borrow_mut().get_mut(number) {
                Some(slot) => *slot = Slot { access, len: 0, is_used: false },
                None => access.close(),
            }
        }
        Ok(())
    }

    async fn open_file(&self, number: usize) -> Result<Access, JsValue> {
        let file = self.folder.unchecked_ref::<Directory>().file(&format!("{number:04}"), &options("create", true))?;
        let handle = JsFuture::from(file).await?;
        self.access(handle.unchecked_ref(), open(handle.unchecked_ref())).await
    }

    /// Opens further empty files when few are left, unless that is already running. Where the browser refuses,
    /// [`Storage::create`] has the reason.
    pub async fn grow(&self) {
        if self.is_growing.replace(true) {
            return;
        }
        let grown = self.open_more(SPARE_FILES.saturating_sub(self.spare_files())).await;
        self.shortage.replace(grown.err());
        self.is_growing.set(false);
    }

    /// Whether it is time to [`grow`](Self::grow). After a refusal that is once a file was asked for again.
    pub fn is_short(&self) -> bool {
        self.spare_files() < SPARE_FILES / 2 && !self.is_growing.get() && self.shortage.borrow().is_none()
    }

    fn spare_files(&self) -> usize {
        self.files.borrow().iter().filter(|slot| !slot.is_used).count()
    }

    /// Closes all files; reads and writes fail from then on.
    pub fn close(&self) {
        self.files.take().iter().for_each(|slot| slot.access.close());
        self.ballast.take().iter().for_each(Access::close);
    }

    /// Closes and removes all files of the pipeline with this base path.
    ///
    /// # Errors
    /// A sentence, when the browser refuses.
    pub async fn erase(base: &str) -> Result<(), String> {
        let erase = async {
            let root = root().await?;
            let options = options("recursive", true);
            let folder = JsFuture::from(root.directory(FOLDER, &Object::new())?).await?;
            JsFuture::from(folder.unchecked_ref::<Directory>().remove(&name_of(base), &options)?).await
        };
        erase.await.map(drop).map_err(|error: JsValue| sentence(&error))
    }

    /// All are started at once, since each takes a few milliseconds.
    async fn open_more(&self, count: usize) -> Result<(), StoreError> {
        let first = self.files.borrow().len();
        let mut opening = Vec::with_capacity(count);
        for number in first..first + count {
            let file = self.folder.unchecked_ref::<Directory>().file(&format!("{number:04}"), &options("create", true));
            opening.push(file.map_err(|error| failure(&error))?);
        }
        let mut handles = Vec::with_capacity(count);
        for file in opening {
            handles.push(JsFuture::from(file).await.map_err(|error| failure(&error))?);
        }
        let started: Vec<_> = handles.iter().map(|handle| open(handle.unchecked_ref())).collect();
        for ((number, handle), access) in (first..).zip(&handles).zip(started) {
            let access = self.access(handle.unchecked_ref(), access).await.map_err(|error| failure(&error))?;
            let len = access.size().map_err(|error| failure(&error))? as u64;
            let mut files = self.files.borrow_mut();
            if files.len() != number {
                // All files were closed meanwhile, so this one has to be closed as well.
                access.close();
                continue;
            }
            files.push(Slot { access, len, is_used: len > 0 });
        }
        Ok(())
    }

    /// A worker that is ending may hold the file for a moment.
    async fn access(&self, handle: &FileHandle, first: Result<Promise, JsValue>) -> Result<Access, JsValue> {
        let mut opening = first;
        let mut waited_millis = 0;
        loop {
            match JsFuture::from(opening?).await {
                Ok(access) => return Ok(access.unchecked_into()),
                Err(error) if waited_millis >= PATIENCE_MILLIS || name(&error) != "NoModificationAllowedError" => {
                    return Err(error);
                }
                Err(_) => {
                    TimeoutFuture::new(RETRY_MILLIS).await;
                    waited_millis += RETRY_MILLIS;
                    opening = open(handle);
                }
            }
        }
    }

    fn with<T>(&self, file: FileId, work: impl FnOnce(&mut Slot) -> Result<T, JsValue>) -> Result<T, StoreError> {
        let mut files = self.files.borrow_mut();
        let slot = files.get_mut(file as usize).ok_or_else(|| StoreError::Io(format!("file {file} is not open")))?;
        work(slot).map_err(|error| failure(&error))
    }
}

impl Storage for Opfs {
    fn files(&self) -> Vec<FileId> {
        (0..).zip(self.files.borrow().iter()).filter(|(_, slot)| slot.len > 0).map(|(file, _)| file).collect()
    }

    fn len(&self, file: FileId) -> u64 {
        self.files.borrow().get(file as usize).map_or(0, |slot| slot.len)
    }

    fn read(&self, file: FileId, at: u64, bytes: &mut [u8]) -> Result<usize, StoreError> {
        self.with(file, |slot| slot.access.read(bytes, &options("at", at as f64)).map(|count| count as usize))
    }

    fn write(&self, file: FileId, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let written = self.with(file, |slot| {
            let written = slot.access.write(bytes, &options("at", at as f64))? as u64;
            slot.len = slot.len.max(at + written);
            Ok(written)
        })?;
        if written == bytes.len() as u64 {
            return Ok(());
        }
        Err(StoreError::Full(format!("{written} of {} bytes could be written", bytes.len())))
    }

    fn set_len(&self, file: FileId, len: u64) -> Result<(), StoreError> {
        self.with(file, |slot| {
            slot.access.truncate(len as f64)?;
            slot.len = len;
            Ok(())
        })
    }

    fn flush(&self, file: FileId) -> Result<(), StoreError> {
        self.with(file, |slot| slot.access.flush())
    }

    fn create(&self) -> Result<FileId, StoreError> {
        let shortage = self.shortage.take();
        let mut files = self.files.borrow_mut();
        let spare = (0..).zip(files.iter_mut()).find(|(_, slot)| !slot.is_used);
        let (file, slot) = spare.ok_or_else(|| shortage.unwrap_or(StoreError::NoFile))?;
        slot.is_used = true;
        Ok(file)
    }

    fn remove(&self, file: FileId) -> Result<(), StoreError> {
        self.with(file, |slot| {
            slot.access.truncate(0.0)?;
            slot.access.flush()?;
            (slot.len, slot.is_used) = (0, false);
            Ok(())
        })
    }
}

async fn root() -> Result<Directory, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let storage = Reflect::get(&navigator, &"storage".into())?;
    let get: Function = Reflect::get(&storage, &"getDirectory".into())
        .ok()
        .and_then(|get| get.dyn_into().ok())
        .ok_or("this browser has no files for pages")?;
    let promise: Promise = get.call0(&storage)?.unchecked_into();
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

async fn folder(base: &str) -> Result<JsValue, JsValue> {
    let create = options("create", true);
    let shared = JsFuture::from(root().await?.directory(FOLDER, &create)?).await?;
    JsFuture::from(shared.unchecked_ref::<Directory>().directory(&name_of(base), &create)?).await
}

/// The number of numbered files.
async fn count(folder: &Directory) -> Result<usize, JsValue> {
    let (names, mut count) = (folder.keys(), 0);
    loop {
        let next = JsFuture::from(names.next()).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(count);
        }
        let name = Reflect::get(&next, &"value".into())?.as_string().unwrap_or_default();
        count += usize::from(name.parse::<FileId>().is_ok());
    }
}

/// Not exclusive where the browser supports that: otherwise the files of a frozen tab could not be opened. The fence of
/// [`store::Journal`](crate::store::Journal) makes sure that only one worker writes.
fn open(handle: &FileHandle) -> Result<Promise, JsValue> {
    handle.open(&options("mode", "readwrite-unsafe"))
}

/// The folder name for a base path, without slashes.
fn name_of(base: &str) -> String {
    let name = base.trim_matches('/').replace('/', "\u{2215}");
    if name.is_empty() { "root".to_owned() } else { format!("at {name}") }
}

fn options(name: &str, value: impl Into<JsValue>) -> Object {
    let options = Object::new();
    // Setting a field of an object of our own cannot fail.
    let _ = Reflect::set(&options, &name.into(), &value.into());
    options
}

/// What the browser says, told apart by whether space is what it lacks.
fn failure(error: &JsValue) -> StoreError {
    match name(error).as_str() {
        "QuotaExceededError" => StoreError::Full(sentence(error)),
        _ => StoreError::Io(sentence(error)),
    }
}

fn name(error: &JsValue) -> String {
    Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
}

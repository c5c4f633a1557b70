//! The chosen files: what each would become, what a person chose of that, and their way into the pipeline.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::drag::brings_files;
use crate::browser::focus::reveal;
use crate::browser::session::{keep_for_good, kept_for_good};
use crate::browser::source_file::{Dropped, SourceFile};
use crate::client::READINGS;
use crate::pipeline::Credentials;
use crate::pipeline::sniff::{Choices, Preview};
use crate::protocol::{FilePace, FilePreview};
use crate::ui::activity_state::Activity;
use crate::ui::model::file_preview::is_ready;
use crate::ui::model::file_progress::{end_text, read_speed};
use crate::ui::model::live_form::{self, with_reading};
use crate::ui::model::quantity::counted;
use crate::ui::model::remembered::Remembered;
use crate::ui::model::view_id::{Place, ViewId};
use crate::ui::navigation::Navigation;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// How a live source starts whose first messages are looked at as a file.
#[derive(Debug, Clone)]
pub struct LiveStart {
    /// The settings that its form changes.
    pub changes: live_form::Typed,
    /// What its server is shown from then on; `None`: what it was shown before.
    pub credentials: Option<Credentials>,
    /// Number of messages in the sample.
    pub messages: u64,
}

/// A chosen file. The handle on it is kept apart: it belongs to the browser.
#[derive(Debug, Clone)]
pub(super) struct ChosenFile {
    /// Its number on this page.
    pub(super) id: u32,
    /// Its name, with the folders below the one that was chosen.
    pub(super) name: String,
    /// Its length in bytes.
    pub(super) bytes: u64,
    /// Whether the lines that it grows by can be read.
    pub(super) can_be_followed: bool,
    /// The live source that it is a sample of; `None`: it is a file of the user's.
    pub(super) live: Option<LiveStart>,
    /// What it would become, as it was asked last; `None` until the first answer.
    pub(super) preview: Option<Arc<FilePreview>>,
    /// Why there is no preview, or why it was not loaded.
    pub(super) problems: Vec<String>,
    /// What a person chose instead of the guesses.
    pub(super) choices: Choices,
    /// Whether the preview is that of earlier choices: with the newest ones the file cannot be read.
    pub(super) is_unread: bool,
    /// Whether the choices are those of an earlier file of the same header.
    pub(super) is_remembered: bool,
    /// The key of its header as it was guessed; `None` where no header names the columns.
    key: Option<String>,
    /// Number of previews that were asked for, and of those that were answered.
    asked: u32,
    answered: u32,
}

impl ChosenFile {
    /// Whether a preview is awaited.
    pub(super) fn is_awaited(&self) -> bool {
        self.asked != self.answered
    }

    /// Whether it can be loaded as it would be read.
    pub(super) fn is_ready(&self) -> bool {
        !self.is_awaited() && !self.is_unread && self.preview.as_ref().is_some_and(|preview| is_ready(preview))
    }
}

/// The id of the heading of the preview.
pub(super) const TITLE_ID: &str = "file-title";

/// How the rows of the chosen files come, by the place of the choice.
pub(super) const PACES: [&str; 3] = ["at once", "as a stream", "and follow"];
const REPLAY: usize = 1;
const FOLLOW: usize = 2;

/// The chosen files: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct Files {
    pub(super) pipeline: Pipeline,
    activity: Activity,
    /// In the order in which they were chosen.
    pub(super) chosen: RwSignal<Vec<ChosenFile>>,
    /// The number of the file whose preview is shown.
    pub(super) selected: RwSignal<Option<u32>>,
    /// Why nothing was chosen, or a choice is refused; empty if neither.
    pub(super) refusal: RwSignal<String>,
    /// Whether files are dragged over the page.
    pub(super) is_dragged: RwSignal<bool>,
    /// The place among [`PACES`].
    pub(super) pace: RwSignal<usize>,
    /// The speed of a replay, as it is typed.
    pub(super) speed: RwSignal<String>,
    /// Whether a replay begins anew at its end.
    pub(super) is_looped: RwSignal<bool>,
    /// Whether a file that was loaded in part goes on there.
    pub(super) is_continued: RwSignal<bool>,
    /// Whether a file is being handed over.
    pub(super) is_starting: RwSignal<bool>,
    /// The numbers of files that this page handed over, until their end is told.
    loaded: RwSignal<Vec<u32>>,
    handles: StoredValue<Vec<(u32, SourceFile)>, LocalStorage>,
    count: StoredValue<u32>,
}

impl Files {
    /// No file is chosen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pipeline: Pipeline::expect(),
            activity: Activity::expect(),
            chosen: RwSignal::default(),
            selected: RwSignal::new(None),
            refusal: RwSignal::default(),
            is_dragged: RwSignal::new(false),
            pace: RwSignal::new(0),
            speed: RwSignal::new("1".to_owned()),
            is_looped: RwSignal::new(false),
            is_continued: RwSignal::new(true),
            is_starting: RwSignal::new(false),
            loaded: RwSignal::default(),
            handles: StoredValue::new_local(Vec::new()),
            count: StoredValue::new(0),
        }
    }

    /// The files that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Tells the end of each file that this page handed over, on whichever view.
    pub fn follow_ends(self) {
        let files = self.pipeline.page().files();
        Effect::new(move || {
            let files = files.read();
            let ended = |number: &u32| files.iter().find(|file| file.number == *number && file.state.is_ended());
            let told: Vec<u32> = self.loaded.read().iter().copied().filter(|number| ended(number).is_some()).collect();
            for file in told.iter().filter_map(ended) {
                self.activity.settle(&begun_text(&file.name));
                match end_text(file) {
                    Ok(text) => self.activity.notify(&text),
                    Err(sentence) => self.activity.fail(&sentence),
                }
            }
            if !told.is_empty() {
                self.loaded.update(|loaded| loaded.retain(|number| !told.contains(number)));
            }
        });
    }

    /// Takes files that are dropped anywhere on the page, and shows them. A browser would leave the page to show such a
    /// file.
    pub fn follow_drops(self) {
        let navigation = Navigation::expect();
        let over = window_event_listener(ev::dragover, move |event| {
            if brings_files(&event) {
                event.prevent_default();
                self.is_dragged.maybe_update(|is_dragged| !std::mem::replace(is_dragged, true));
            }
        });
        let leave = window_event_listener(ev::dragleave, move |event| {
            // Elements of the page are left all the time; the page itself is left to nothing.
            if event.related_target().is_none() {
                self.is_dragged.set(false);
            }
        });
        let drop = window_event_listener(ev::drop, move |event| {
            self.is_dragged.set(false);
            let dropped = Dropped::of_event(&event);
            if dropped.is_empty() {
                return;
            }
            event.prevent_default();
            navigation.look_at(ViewId::Data);
            spawn_local(async move { self.add_all(dropped.files().await) });
        });
        on_cleanup(move || {
            over.remove();
            leave.remove();
            drop.remove();
        });
    }

    /// Takes the files that were chosen, or says why there are none.
    pub(super) fn add_all(self, files: Result<Vec<SourceFile>, String>) {
        match files {
            Ok(files) => self.add(files),
            Err(sentence) => self.refusal.set(sentence),
        }
    }

    /// Takes files that were chosen on another view, and shows the first of them where all files are.
    pub fn bring(self, files: Vec<SourceFile>, navigation: Navigation) {
        if files.is_empty() {
            return;
        }
        self.selected.set(Some(self.count.get_value()));
        self.add(files);
        navigation.go_to(Place::Part(ViewId::Data, TITLE_ID));
    }

    /// Takes files, and looks at them one after the other; the first one is shown, unless another is.
    pub(super) fn add(self, files: Vec<SourceFile>) {
        self.refusal.set(String::new());
        let ids: Vec<u32> = files
            .into_iter()
            .map(|file| {
                let name = file.name().to_owned();
                self.push(file, name, None)
            })
            .collect();
        if self.selected.read_untracked().is_none() {
            self.selected.set(ids.first().copied());
        }
        spawn_local(self.look_at_all(ids));
    }

    /// Takes the first messages of a live source, in place of those of an earlier one, and shows what they would become.
    pub fn add_sample(self, file: SourceFile, name: String, live: LiveStart) {
        self.refusal.set(String::new());
        let samples = |chosen: &Vec<ChosenFile>| -> Vec<u32> {
            chosen.iter().filter(|file| file.live.is_some()).map(|file| file.id).collect()
        };
        for id in self.chosen.with_untracked(samples) {
            self.remove(id);
        }
        let id = self.push(file, name, Some(live));
        self.selected.set(Some(id));
        self.focus_heading();
        spawn_local(self.look_at(id));
    }

    /// Adds a file to those that are chosen; returns its number.
    fn push(self, file: SourceFile, name: String, live: Option<LiveStart>) -> u32 {
        let id = self.count.get_value();
        self.count.set_value(id + 1);
        self.chosen.update(|chosen| {
            chosen.push(ChosenFile {
                id,
                name,
                bytes: file.len() as u64,
                can_be_followed: file.can_be_followed(),
                live,
                preview: None,
                problems: Vec::new(),
                choices: Choices::default(),
                is_unread: false,
                is_remembered: false,
                key: None,
                asked: 0,
                answered: 0,
            });
        });
        self.handles.update_value(|handles| handles.push((id, file)));
        id
    }

    /// Takes a file away that is not loaded. The focus, whose button goes, moves to the heading of what is shown then.
    pub(super) fn dismiss(self, id: u32) {
        self.remove(id);
        self.focus_heading();
    }

    /// Gives the focus to the preview, or to the view once no file is left.
    fn focus_heading(self) {
        let is_empty = self.chosen.read_untracked().is_empty();
        let heading = if is_empty { ViewId::Data.heading() } else { TITLE_ID };
        request_animation_frame(move || reveal(heading));
    }

    fn remove(self, id: u32) {
        self.handles.update_value(|handles| handles.retain(|(known, _)| *known != id));
        let mut next = None;
        self.chosen.update(|chosen| {
            let place = chosen.iter().position(|file| file.id == id).unwrap_or(chosen.len());
            chosen.retain(|file| file.id != id);
            next = chosen.get(place).or_else(|| chosen.last()).map(|file| file.id);
        });
        if *self.selected.read_untracked() == Some(id) {
            self.selected.set(next);
        }
    }

    /// Whether no file is chosen; tracked.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.chosen.read().is_empty()
    }

    /// The file whose preview is shown; tracked.
    pub(super) fn shown(self) -> Option<ChosenFile> {
        let selected = self.selected.get()?;
        self.chosen.read().iter().find(|file| file.id == selected).cloned()
    }

    /// Reads something of the preview that is shown; its default while there is none. Tracked.
    pub(super) fn of_preview<T: Default>(self, read: impl FnOnce(&FilePreview) -> T) -> T {
        let (selected, chosen) = (self.selected.get(), self.chosen.read());
        let shown = chosen.iter().find(|file| Some(file.id) == selected);
        shown.and_then(|file| file.preview.as_ref()).map(|preview| read(preview)).unwrap_or_default()
    }

    fn find<T>(self, id: u32, read: impl FnOnce(&ChosenFile) -> T) -> Option<T> {
        self.chosen.read_untracked().iter().find(|file| file.id == id).map(read)
    }

    fn change(self, id: u32, change: impl FnOnce(&mut ChosenFile)) {
        self.chosen.update(|chosen| {
            if let Some(file) = chosen.iter_mut().find(|file| file.id == id) {
                change(file);
            }
        });
    }

    async fn look_at_all(self, ids: Vec<u32>) {
        for id in ids {
            self.look_at(id).await;
        }
    }

    /// Asks what a file would become. What was chosen for an earlier file of its header is chosen again.
    pub(super) async fn look_at(self, id: u32) {
        loop {
            let Some(handle) = self.handle(id) else { return };
            let Some((choices, asked)) = self.find(id, |file| (file.choices.clone(), file.asked + 1)) else { return };
            self.change(id, |file| file.asked = asked);
            let answer = self.pipeline.preview_file(&handle, choices.clone()).await;
            if self.find(id, |file| file.asked) != Some(asked) {
                // Another choice was made meanwhile, whose answer is on its way.
                return;
            }
            let known = match &answer {
                Ok(file) if choices == Choices::default() => self.known_choices(id, &file.preview),
                _ => None,
            };
            // What was chosen for an earlier file may not fit this one.
            let is_first = |file: &ChosenFile| file.is_remembered && file.preview.is_none();
            let is_unfit = answer.is_err() && self.find(id, is_first) == Some(true);
            self.change(id, |file| {
                file.answered = asked;
                file.is_remembered = known.is_some() || file.is_remembered && !is_unfit;
                match (&known, answer) {
                    (Some(known), _) => file.choices = known.clone(),
                    (None, _) if is_unfit => file.choices = Choices::default(),
                    (None, Ok(preview)) => {
                        if let Some(key) = &file.key {
                            remember(key, &choices);
                        }
                        (file.preview, file.problems, file.is_unread) = (Some(Arc::new(preview)), Vec::new(), false);
                    }
                    // What was shown stays, so that the choice can be mended.
                    (None, Err(sentence)) => (file.problems, file.is_unread) = (vec![sentence], true),
                }
            });
            if known.is_none() && !is_unfit {
                return;
            }
        }
    }

    /// What was chosen for an earlier file of this header; nothing for a file that was looked at before.
    fn known_choices(self, id: u32, preview: &Preview) -> Option<Choices> {
        let key = preview.header_key.clone()?;
        let is_first = self.find(id, |file| file.key.is_none())?;
        let known = remembered().find(&key).filter(|_| is_first);
        self.change(id, |file| file.key = Some(key));
        known
    }

    /// Chooses something for the file that is shown, and for all others of its header.
    pub(super) fn choose(self, choice: impl FnOnce(&Choices, &Preview) -> Result<Choices, String>) {
        let shown = untrack(|| self.shown());
        let Some((file, preview)) = shown.and_then(|file| file.preview.clone().map(|preview| (file, preview))) else {
            return;
        };
        let choices = match choice(&file.choices, &preview.preview) {
            Ok(choices) => choices,
            Err(sentence) => return self.refusal.set(sentence),
        };
        self.refusal.set(String::new());
        let is_alike = |other: &ChosenFile| other.id == file.id || other.key.is_some() && other.key == file.key;
        let mut ids = vec![file.id];
        self.chosen.update(|chosen| {
            for other in chosen.iter_mut().filter(|other| is_alike(other)) {
                (other.choices, other.is_remembered) = (choices.clone(), false);
                if other.id != file.id {
                    ids.push(other.id);
                }
            }
        });
        spawn_local(self.look_at_all(ids));
    }

    /// Lets everything be guessed again.
    pub(super) fn guess_again(self) {
        self.choose(|_, _| Ok(Choices::default()));
    }

    /// How the rows come, as it is chosen.
    fn chosen_pace(self, can_be_followed: bool) -> Result<FilePace, String> {
        match self.pace.get_untracked() {
            REPLAY => {
                let speed = read_speed(&self.speed.read_untracked())?;
                Ok(FilePace::Replay { speed, is_looped: self.is_looped.get_untracked() })
            }
            FOLLOW if can_be_followed => Ok(FilePace::Follow),
            FOLLOW => {
                Err("This file cannot be followed: choose it by \u{201c}Choose a file to follow\u{201d}".to_owned())
            }
            _ => Ok(FilePace::AtOnce),
        }
    }

    /// Loads the file that is shown.
    pub(super) async fn load_shown(self) {
        if let Some(id) = self.selected.get_untracked() {
            self.load_all(vec![id]).await;
        }
    }

    /// Loads all files that need no answer; the others stay, and the first of them is shown.
    pub(super) async fn load_ready(self) {
        // A live source takes the place of the one before, which is not what loading files means.
        let is_file = |file: &&ChosenFile| file.live.is_none() && file.is_ready();
        let ids = self.chosen.read_untracked().iter().filter(is_file).map(|file| file.id).collect();
        self.load_all(ids).await;
    }

    async fn load_all(self, ids: Vec<u32>) {
        if self.is_starting.get_untracked() {
            return;
        }
        self.is_starting.set(true);
        self.refusal.set(String::new());
        let (mut started, mut news) = (0, String::new());
        for id in ids {
            match self.load(id).await {
                Ok(sentence) => (started, news) = (started + 1, sentence),
                Err(sentences) => self.change(id, |file| file.problems = sentences),
            }
        }
        self.is_starting.set(false);
        if started > 0 {
            self.focus_heading();
        }
        match started {
            0 => {}
            1 => self.activity.notify(&news),
            files => self.activity.notify(&format!("{} are being loaded", counted(files, "file"))),
        }
    }

    /// Hands a file over to the pipeline, or starts the live source that it is a sample of; returns what happens then.
    async fn load(self, id: u32) -> Result<String, Vec<String>> {
        let nothing = || vec!["The file is not known any more; choose it again".to_owned()];
        let handle = self.handle(id).ok_or_else(nothing)?;
        let file = self.find(id, Clone::clone).filter(ChosenFile::is_ready).ok_or_else(nothing)?;
        let preview = file.preview.ok_or_else(nothing)?;
        if let Some(live) = file.live {
            let changes = with_reading(live.changes, &preview.preview.reading, &file.choices);
            self.pipeline.start_source(&changes, live.credentials.as_ref()).await?;
            self.remove(id);
            return Ok(format!("{} is the source now", file.name));
        }
        let pace = self.chosen_pace(file.can_be_followed).map_err(|sentence| vec![sentence])?;
        let is_continued = self.is_continued.get_untracked() && preview.loaded.is_some_and(|loaded| !loaded.is_done);
        let reading = preview.preview.reading.clone();
        let number = self.pipeline.load_file(&handle, reading, pace, is_continued).await?;
        self.loaded.update(|loaded| loaded.push(number));
        self.remove(id);
        Ok(begun_text(&file.name))
    }

    fn handle(self, id: u32) -> Option<SourceFile> {
        self.handles.with_value(|handles| handles.iter().find(|(known, _)| *known == id).map(|(_, file)| file.clone()))
    }
}

impl Default for Files {
    fn default() -> Self {
        Self::new()
    }
}

/// What is told of a file until its end is.
fn begun_text(name: &str) -> String {
    format!("{name} is being loaded")
}

/// Remembers choices with which a file could be read, for files of the same header.
fn remember(key: &str, choices: &Choices) {
    let mut all = remembered();
    if all.find(key).unwrap_or_default() != *choices {
        all.keep(key, choices);
        keep_for_good(READINGS, &all.text());
    }
}

/// What was chosen for earlier files, also on earlier visits.
fn remembered() -> Remembered {
    kept_for_good(READINGS).map(|text| Remembered::read(&text)).unwrap_or_default()
}

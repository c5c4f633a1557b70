//! The palette: a field and the commands that match it.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::browser::scroll::scroll_near;
use crate::ui::commands::Commands;
use crate::ui::components::dialog::Dialog;
use crate::ui::model::palette::{Command, Entry, PaletteState, entries, found, turned};
use crate::ui::navigation::Navigation;
use crate::ui::store::Pipeline;

const LIST_ID: &str = "palette-list";

/// The palette of the page.
#[component]
pub fn Palette() -> impl IntoView {
    let (navigation, pipeline, commands) = (Navigation::expect(), Pipeline::expect(), Commands::expect());
    let (is_paused, held) = (pipeline.is_paused(), pipeline.held());
    let entries =
        Memo::new(move |_| entries(PaletteState { is_paused: is_paused.get(), is_held: held.read().is_some() }));
    view! { <PaletteDialog is_open=navigation.has_palette entries on_command=move |command| commands.run(command)/> }
}

/// A dialog that finds entries by their words, and runs the chosen one.
#[component]
pub fn PaletteDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// All entries.
    #[prop(into)]
    entries: Signal<Vec<Entry>>,
    /// Receives the command of the chosen entry.
    #[prop(into)]
    on_command: Callback<Command>,
) -> impl IntoView {
    let search = Search::new(is_open, entries, on_command);
    view! {
        <Dialog is_open label="Commands" class="palette">
            <input
                class="input palette__input"
                type="text"
                role="combobox"
                aria-label="Command"
                aria-autocomplete="list"
                aria-expanded="true"
                aria-controls=LIST_ID
                aria-activedescendant=move || search.active().map(option_id)
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder="Find a command, a setting or a view"
                prop:value=search.query
                on:input:target=move |event| search.look_for(event.target().value())
                on:keydown=move |event| search.press(&event)
            />
            <ul class="palette__list" id=LIST_ID role="listbox" aria-label="Commands">
                <For each=move || search.shown() key=|(index, entry)| (*index, entry.title.clone()) let((index, entry))>
                    <EntryOption search index entry/>
                </For>
            </ul>
            <p class="palette__none" role="status">
                {move || (is_open.get() && search.found.read().is_empty()).then_some("No command matches.")}
            </p>
        </Dialog>
    }
}

/// An entry of the list.
#[component]
fn EntryOption(
    /// The search that found it.
    search: Search,
    /// Its position among all entries.
    index: usize,
    /// The entry.
    entry: Entry,
) -> impl IntoView {
    let is_active = move || search.active() == Some(index);
    let key = entry.key().map(|key| view! { <kbd class="palette__key">{key}</kbd> });
    view! {
        <li
            class="palette__entry"
            class=("palette__entry--active", is_active)
            id=option_id(index)
            role="option"
            aria-selected=move || is_active().to_string()
            on:pointermove=move |_| search.point(index)
            on:click=move |_| search.run(index)
        >
            <span class="palette__title">{entry.title}</span>
            <span class="palette__group">{entry.group}</span>
            {key}
        </li>
    }
}

fn option_id(index: usize) -> String {
    format!("palette-entry-{index}")
}

/// The state of the dialog.
#[derive(Clone, Copy)]
struct Search {
    is_open: RwSignal<bool>,
    entries: Signal<Vec<Entry>>,
    on_command: Callback<Command>,
    query: RwSignal<String>,
    /// The positions of the entries that match, the best first.
    found: Memo<Vec<usize>>,
    /// The active one among them.
    position: RwSignal<usize>,
}

impl Search {
    fn new(is_open: RwSignal<bool>, entries: Signal<Vec<Entry>>, on_command: Callback<Command>) -> Self {
        let (query, position) = (RwSignal::new(String::new()), RwSignal::new(0));
        let search = Self {
            is_open,
            entries,
            on_command,
            query,
            found: Memo::new(move |_| found(&entries.read(), &query.read())),
            position,
        };
        Effect::new(move || {
            if is_open.get() {
                search.look_for(String::new());
            }
        });
        search
    }

    fn look_for(self, query: String) {
        self.query.set(query);
        self.move_to(0);
    }

    /// The entries of the list, with their positions; none while it is closed.
    fn shown(self) -> Vec<(usize, Entry)> {
        if !self.is_open.get() {
            return Vec::new();
        }
        let entries = self.entries.read();
        self.found.read().iter().filter_map(|index| Some((*index, entries.get(*index)?.clone()))).collect()
    }

    /// The active entry; tracked.
    fn active(self) -> Option<usize> {
        let found = self.found.read();
        found.get(self.position.get()).copied().filter(|_| self.is_open.get())
    }

    fn press(self, event: &KeyboardEvent) {
        let (position, count) = (self.position.get_untracked(), self.found.read_untracked().len());
        match event.key().as_str() {
            "ArrowDown" => self.move_to(turned(position, 1, count)),
            "ArrowUp" => self.move_to(turned(position, -1, count)),
            "Enter" if !event.is_composing() => {
                let active = self.found.read_untracked().get(position).copied();
                if let Some(index) = active {
                    self.run(index);
                }
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn point(self, index: usize) {
        let position = self.found.read_untracked().iter().position(|found| *found == index);
        if let Some(position) = position.filter(|position| *position != self.position.get_untracked()) {
            self.position.set(position);
        }
    }

    /// Makes another entry the active one, and keeps it in view.
    fn move_to(self, position: usize) {
        self.position.set(position);
        request_animation_frame(move || {
            let Some(index) = untrack(move || self.active()) else { return };
            if let Some(option) = document().get_element_by_id(&option_id(index)) {
                scroll_near(&option);
            }
        });
    }

    /// Closes the dialog, then runs the command: the focus has returned before it moves on.
    fn run(self, index: usize) {
        let Some(command) = self.entries.read_untracked().get(index).map(|entry| entry.command) else { return };
        self.is_open.set(false);
        self.on_command.run(command);
    }
}

//! What the page follows: [`State`] is written, [`Live`] is computed.
//!
//! Both stand on Leptos' triggers and effects. Leptos' own signals keep each type of value in an arena, behind locks, with
//! code for every way to reach it; on a page of one thread, whose parts stay, that was a sixth of the download. What is
//! made here stays as long as the page, which is why it can be copied about: make it in panels, not in parts that come
//! and go.

use std::cell::{Ref, RefCell};

use leptos::prelude::{ArcTrigger, Notify, Track};

/// A value that somebody writes; whoever reads it in following something hears of each change.
pub struct State<T: 'static>(&'static Cell<T>);

struct Cell<T> {
    value: RefCell<T>,
    change: ArcTrigger,
}

impl<T> State<T> {
    /// A value to start with.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(Cell { value: RefCell::new(value), change: ArcTrigger::new() })))
    }

    /// The value; it must not be held while it is written.
    #[must_use]
    pub fn read(self) -> Ref<'static, T> {
        self.0.change.track();
        self.peek()
    }

    /// The value, read once: nobody follows it for that.
    #[must_use]
    pub fn peek(self) -> Ref<'static, T> {
        self.0.value.borrow()
    }

    /// A copy of the value.
    #[must_use]
    pub fn get(self) -> T
    where
        T: Clone,
    {
        self.read().clone()
    }

    /// Writes the value.
    pub fn set(self, value: T) {
        self.update(|known| *known = value);
    }

    /// Changes the value.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        change(&mut self.0.value.borrow_mut());
        self.0.change.notify();
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

/// A value that is computed from others whenever it is read.
pub struct Live<T: 'static>(&'static dyn Fn() -> T);

impl<T> Live<T> {
    /// What this function answers.
    #[must_use]
    pub fn new(compute: impl Fn() -> T + 'static) -> Self {
        Self(Box::leak(Box::new(compute)))
    }

    /// The value now.
    #[must_use]
    pub fn get(self) -> T {
        (self.0)()
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Live<T> {}

/// What an element can follow: a state, a live value, or a function of such.
pub trait Follow<T> {
    /// The function whose answer is followed.
    fn into_source(self) -> Box<dyn Fn() -> T>;
}

impl<T: Clone> Follow<T> for State<T> {
    fn into_source(self) -> Box<dyn Fn() -> T> {
        Box::new(move || self.get())
    }
}

impl<T> Follow<T> for Live<T> {
    fn into_source(self) -> Box<dyn Fn() -> T> {
        Box::new(self.0)
    }
}

impl<T, F: Fn() -> T + 'static> Follow<T> for F {
    fn into_source(self) -> Box<dyn Fn() -> T> {
        Box::new(self)
    }
}

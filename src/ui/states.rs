//! Reactive values: [`State`] is written, [`Live`] is computed.
//!
//! Both use Leptos' triggers and effects. Leptos' own signals keep each type of value in an arena, behind locks, with
//! code for every kind of access; on a page of one thread with fixed parts that was a sixth of the download. These
//! values live as long as the page, which is why they are `Copy`: create them in panels, not in parts that are
//! recreated.

use std::cell::{Ref, RefCell};

use leptos::prelude::{ArcTrigger, Notify, Track};

/// A writable value; effects that read it run again on each change.
pub struct State<T: 'static>(&'static Cell<T>);

struct Cell<T> {
    value: RefCell<T>,
    change: ArcTrigger,
}

impl<T> State<T> {
    /// A state with this value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(Cell { value: RefCell::new(value), change: ArcTrigger::new() })))
    }

    /// The value, tracked; it must not be borrowed during a write.
    #[must_use]
    pub fn read(self) -> Ref<'static, T> {
        self.0.change.track();
        self.peek()
    }

    /// The value, untracked.
    #[must_use]
    pub fn peek(self) -> Ref<'static, T> {
        self.0.value.borrow()
    }

    /// A copy of the value, tracked.
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

/// A value computed from others on each read.
pub struct Live<T: 'static>(&'static dyn Fn() -> T);

impl<T> Live<T> {
    /// Computes with this function.
    #[must_use]
    pub fn new(compute: impl Fn() -> T + 'static) -> Self {
        Self(Box::leak(Box::new(compute)))
    }

    /// The current value.
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

/// A source that an element can follow: a state, a live value, or a function of these.
pub trait Follow<T> {
    /// The function that computes the followed value.
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

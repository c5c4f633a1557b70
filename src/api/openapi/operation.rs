//! What the document says of one method of one path: plain data, so that a description costs its words and no code.

/// A method of a path.
pub(super) struct Operation {
    /// As the route table has it.
    pub(super) method: &'static str,
    /// As the route table has it.
    pub(super) path: &'static str,
    /// What it does, in a line.
    pub(super) summary: &'static str,
    /// What else is to know; may be empty.
    pub(super) description: &'static str,
    /// What it reads of the query and the headers.
    pub(super) parameters: &'static [Parameter],
    /// The bodies that it reads; none: it reads no body.
    pub(super) bodies: &'static [Content],
    /// What it answers when it does what it was asked for.
    pub(super) answer: Answer,
    /// The statuses of its own refusals, besides those that every operation has.
    pub(super) refusals: &'static [&'static str],
}

/// A parameter.
pub(super) struct Parameter {
    /// `query` or `header`.
    pub(super) place: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) shape: Shape,
    /// A value that it takes.
    pub(super) example: &'static str,
    /// What it does.
    pub(super) description: &'static str,
}

/// What a parameter takes.
pub(super) enum Shape {
    /// Any text.
    Text,
    /// A length of time.
    Duration,
    /// A whole number from nought.
    Count,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Texts between commas.
    List,
    /// Some of these between commas.
    Choices(&'static [&'static str]),
}

/// A body of one type.
pub(super) struct Content {
    /// The media type.
    pub(super) media_type: &'static str,
    /// The name of its schema; empty for bytes that JSON Schema has no words for.
    pub(super) schema: &'static str,
    /// An example in JSON, text being a string there; may be empty.
    pub(super) example: &'static str,
}

/// An answer of 2xx or 3xx.
pub(super) struct Answer {
    /// The status.
    pub(super) status: &'static str,
    /// When it comes.
    pub(super) description: &'static str,
    /// Names of its headers among the shared ones.
    pub(super) headers: &'static [&'static str],
    /// Its body; several: the request decides; none: there is no body.
    pub(super) contents: &'static [Content],
}

impl Operation {
    /// A GET that reads nothing and answers 200 with JSON of this schema.
    pub(super) const fn get(path: &'static str, summary: &'static str, contents: &'static [Content]) -> Self {
        Self {
            method: "GET",
            path,
            summary,
            description: "",
            parameters: &[],
            bodies: &[],
            answer: Answer { status: "200", description: "The answer.", headers: &[], contents },
            refusals: &[],
        }
    }
}

impl Content {
    /// JSON of this schema.
    pub(super) const fn json(schema: &'static str, example: &'static str) -> Self {
        Self { media_type: "application/json", schema, example }
    }

    /// Text of this type.
    pub(super) const fn text(media_type: &'static str, example: &'static str) -> Self {
        Self { media_type, schema: "Text", example }
    }
}

impl Parameter {
    /// A parameter of the query.
    pub(super) const fn query(
        name: &'static str,
        shape: Shape,
        example: &'static str,
        description: &'static str,
    ) -> Self {
        Self { place: "query", name, shape, example, description }
    }
}

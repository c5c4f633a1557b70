//! The description of one method of one path: plain data, so that it adds only its text to the download.

/// A method of a path.
pub(super) struct Operation {
    /// As the route table has it.
    pub(super) method: &'static str,
    /// As the route table has it.
    pub(super) path: &'static str,
    /// Summary, in a line.
    pub(super) summary: &'static str,
    /// Further description; may be empty.
    pub(super) description: &'static str,
    /// The parameters that it reads from the query and the headers.
    pub(super) parameters: &'static [Parameter],
    /// The bodies that it reads; none: it reads no body.
    pub(super) bodies: &'static [Content],
    /// The response on success.
    pub(super) answer: Answer,
    /// The statuses of its own refusals, besides those of every operation.
    pub(super) refusals: &'static [&'static str],
}

/// A parameter.
pub(super) struct Parameter {
    /// `query` or `header`.
    pub(super) place: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// The type of its values.
    pub(super) shape: Shape,
    /// An example value.
    pub(super) example: &'static str,
    /// Its effect.
    pub(super) description: &'static str,
}

/// The type of a parameter's values. An empty value of the query is accepted and counts as absent, whatever its type.
pub(super) enum Shape {
    /// A text of this pattern, which is anchored at both ends.
    Text(&'static str),
    /// A whole number from zero up to this one.
    Count(u64),
    /// One of these.
    Choice(&'static [&'static str]),
    /// Some of these between commas.
    Choices(&'static [&'static str]),
}

/// A body of one type.
pub(super) struct Content {
    /// The media type.
    pub(super) media_type: &'static str,
    /// The name of its schema; empty for bytes that JSON Schema cannot describe.
    pub(super) schema: &'static str,
    /// An example in JSON, a string for text; may be empty.
    pub(super) example: &'static str,
}

/// A response of 2xx or 3xx.
pub(super) struct Answer {
    /// The status.
    pub(super) status: &'static str,
    /// When it is sent.
    pub(super) description: &'static str,
    /// Names of its headers among the shared ones.
    pub(super) headers: &'static [&'static str],
    /// Its body; several: the request selects one; none: there is no body.
    pub(super) contents: &'static [Content],
}

impl Operation {
    /// A GET without parameters that returns 200 with these contents.
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

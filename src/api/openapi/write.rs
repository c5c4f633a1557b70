//! The one writer of the document: members and elements in order, the commas by themselves.

/// Text of a JSON document as it grows.
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    /// An object or array opens, as a value.
    pub(super) fn open(&mut self, bracket: u8) {
        self.comma();
        self.0.push(bracket);
    }

    /// It closes.
    pub(super) fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    /// The name of a member.
    pub(super) fn key(&mut self, name: &str) {
        self.text(name);
        self.0.push(b':');
    }

    /// A text as a value.
    pub(super) fn text(&mut self, text: &str) {
        self.comma();
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.0, text);
    }

    /// A value that is JSON already.
    pub(super) fn raw(&mut self, json: &str) {
        self.comma();
        self.0.extend_from_slice(json.as_bytes());
    }

    /// A member with a text; none when the text is empty.
    pub(super) fn text_member(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.key(name);
            self.text(text);
        }
    }

    /// A member that is JSON already; none when it is empty.
    pub(super) fn raw_member(&mut self, name: &str, json: &str) {
        if !json.is_empty() {
            self.key(name);
            self.raw(json);
        }
    }

    /// A member with texts.
    pub(super) fn texts_member(&mut self, name: &str, texts: &[&str]) {
        self.key(name);
        self.open(b'[');
        for text in texts {
            self.text(text);
        }
        self.close(b']');
    }

    /// A member that is something shared: `"name":{"$ref":"#/components/<part>/<target>"}`.
    pub(super) fn reference(&mut self, name: &str, part: &str, target: &str) {
        self.key(name);
        self.open(b'{');
        self.key("$ref");
        self.text(&["#/components/", part, "/", target].concat());
        self.close(b'}');
    }

    /// What comes next is the first of its object or array, the value of a member, or needs a comma.
    fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(b',');
        }
    }
}

//! The writer of the document: members and elements in order; it adds the commas.

/// Text of a JSON document as it grows.
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    /// Opens an object or array, as a value.
    pub(super) fn open(&mut self, bracket: u8) {
        self.comma();
        self.0.push(bracket);
    }

    /// Closes it.
    pub(super) fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    /// Writes the name of a member.
    pub(super) fn key(&mut self, name: &str) {
        self.text(name);
        self.0.push(b':');
    }

    /// Writes a text as a value.
    pub(super) fn text(&mut self, text: &str) {
        self.comma();
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.0, text);
    }

    /// Writes a value that is JSON already.
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

    /// A member that refers to a shared part: `"name":{"$ref":"#/components/<part>/<target>"}`.
    pub(super) fn reference(&mut self, name: &str, part: &str, target: &str) {
        self.key(name);
        self.open(b'{');
        self.key("$ref");
        self.text(&["#/components/", part, "/", target].concat());
        self.close(b'}');
    }

    /// Writes a comma, unless the first of an object or array, or the value of a member, comes next.
    fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(b',');
        }
    }
}

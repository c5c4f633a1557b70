//! The shareable view of the page, as the part of its address after `#`.
//!
//! `#console&from=2025-06-01T12:00:00Z&until=2025-06-01T13:00:00Z&ids=pump-1,pump-2&request=GET%20query?limit=5`: first
//! the id of a panel, then what differs from the page's defaults. API keys are never part of it.

use super::request_target::{encode_fragment, read_form};
use crate::protocol::{ChartRange, ChartView};
use crate::time::{Clock, Duration, Timestamp};

/// Maximum number of ids in an address; further ids are left out.
const MAX_IDS: usize = 100;

/// What an address holds besides the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The id of the panel that it points to; empty for none.
    pub anchor: String,
    /// The time that the chart spans.
    pub range: ChartRange,
    /// The chosen ids.
    pub ids: Vec<String>,
    /// The request of the console, see `Focus::request`; empty for none.
    pub request: String,
}

impl Default for Address {
    fn default() -> Self {
        Self { anchor: String::new(), range: ChartView::default().range, ids: Vec::new(), request: String::new() }
    }
}

impl Address {
    /// Reads what follows `#`, with one sentence for each part that is not valid; the other parts apply.
    #[must_use]
    pub fn read(fragment: &str) -> (Self, Vec<String>) {
        let mut address = Self::default();
        let mut problems = Vec::new();
        let (mut from, mut until) = (None, None);
        for (place, part) in fragment.split('&').enumerate().filter(|(_, part)| !part.is_empty()) {
            let Some((name, raw)) = part.split_once('=') else {
                if place == 0 {
                    address.anchor = part.to_owned();
                } else {
                    problems.push(unknown(part));
                }
                continue;
            };
            let text = read_form(raw);
            let outcome = match name {
                "span" => span(&text).map(|range| address.range = range),
                "from" => instant(&text).map(|instant| from = Some(instant)),
                "until" => instant(&text).map(|instant| until = Some(instant)),
                "ids" => {
                    let ids = raw.split(',').filter(|id| !id.is_empty()).take(MAX_IDS);
                    address.ids = ids.map(read_form).collect();
                    Ok(())
                }
                "request" => request(&text).map(|()| address.request = text.clone()),
                _ => Err(unknown(part)),
            };
            problems.extend(outcome.err());
        }
        match (from, until) {
            (Some(from), Some(until)) if from < until => address.range = ChartRange::Fixed { from, until },
            (Some(_), Some(_)) => problems.push("from in the address is not before until; swap them".to_owned()),
            (Some(_), None) | (None, Some(_)) => {
                problems.push("from and until in the address go together; name both".to_owned());
            }
            (None, None) => {}
        }
        (address, problems)
    }

    /// Whether what follows `#` means to name a request, valid or not.
    #[must_use]
    pub fn names_request(fragment: &str) -> bool {
        let names = fragment.split('&').filter_map(|part| part.split('=').next());
        names.map(read_form).any(|name| name.eq_ignore_ascii_case("request"))
    }

    /// Writes the view as text, without what equals the page's defaults.
    #[must_use]
    pub fn write(&self) -> String {
        let mut parts = Vec::new();
        if !self.anchor.is_empty() {
            parts.push(self.anchor.clone());
        }
        let mut say = |name: &str, text: &str| parts.push([name, "=", text].concat());
        match self.range {
            range if range == Self::default().range => {}
            ChartRange::All => say("span", "all"),
            ChartRange::Live { span_nanos } => say("span", &Duration::from_nanos(span_nanos).to_string()),
            ChartRange::Fixed { from, until } => {
                for (name, nanos) in [("from", from), ("until", until)] {
                    say(name, &Timestamp::from_nanos(nanos).to_text(&Clock::Utc));
                }
            }
        }
        if !self.ids.is_empty() {
            let ids: Vec<String> =
                self.ids.iter().take(MAX_IDS).map(|id| encode_fragment(id).replace(',', "%2C")).collect();
            say("ids", &ids.join(","));
        }
        if !self.request.is_empty() {
            say("request", &encode_fragment(&self.request));
        }
        parts.join("&")
    }

    /// Whether it describes a view, rather than only a panel to go to.
    #[must_use]
    pub fn has_view(&self) -> bool {
        *self != Self { anchor: self.anchor.clone(), ..Self::default() }
    }
}

/// `start` and `end` of the API for a fixed range; empty for one that follows the clock.
#[must_use]
pub fn bounds(range: ChartRange) -> [String; 2] {
    match range {
        ChartRange::Fixed { from, until } => {
            [from, until].map(|nanos| Timestamp::from_nanos(nanos).to_text(&Clock::Utc))
        }
        ChartRange::Live { .. } | ChartRange::All => [const { String::new() }; 2],
    }
}

/// The most characters of an address that a sentence repeats.
const MAX_SHOWN: usize = 200;

/// The text in quotes, cut at 200 characters.
#[must_use]
pub fn quoted(text: &str) -> String {
    let end = text.char_indices().nth(MAX_SHOWN).map(|(end, _)| end);
    let (shown, mark) = end.map_or((text, ""), |end| (&text[..end], "\u{2026}"));
    ["\"", shown, mark, "\""].concat()
}

fn unknown(part: &str) -> String {
    [quoted(part).as_str(), " after # in the address is not understood; it is left out"].concat()
}

fn span(text: &str) -> Result<ChartRange, String> {
    if text == "all" {
        return Ok(ChartRange::All);
    }
    // `5m` is common where pandas requires `5min`.
    let minutes = text.strip_suffix('m').map(|number| [number, "min"].concat());
    let nanos = Duration::parse(minutes.as_deref().unwrap_or(text)).map(Duration::as_nanos).unwrap_or(0);
    if nanos > 0 {
        return Ok(ChartRange::Live { span_nanos: nanos });
    }
    Err(["span ", &quoted(text), " in the address is not a length of time; write all, or such as 5min"].concat())
}

fn instant(text: &str) -> Result<i64, String> {
    Timestamp::parse_form(text, &Clock::Utc)
        .map(Timestamp::as_nanos)
        .map_err(|error| [&error.to_string(), " (in the address)"].concat())
}

fn request(text: &str) -> Result<(), String> {
    let is_request = text
        .split_once(' ')
        .is_some_and(|(method, _)| !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()));
    is_request
        .then_some(())
        .ok_or_else(|| ["request ", &quoted(text), " in the address is none; write such as GET query?limit=5"].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(fragment: &str) -> Address {
        let (address, problems) = Address::read(fragment);
        assert_eq!(problems, Vec::<String>::new(), "{fragment}");
        address
    }

    #[test]
    fn the_default_view_writes_an_empty_text() {
        assert_eq!(Address::default().write(), "");
        assert_eq!(read(""), Address::default());
        assert!(!read("console").has_view());
    }

    #[test]
    fn a_whole_view_is_written_and_read() {
        let address = Address {
            anchor: "console".into(),
            range: ChartRange::Fixed { from: 1_748_779_200_000_000_000, until: 1_748_782_800_500_000_000 },
            ids: vec!["pump-1".into(), "a,b & c".into()],
            request: "GET query?start=2025-06-01T12:00:00Z&ids=a,b".into(),
        };
        let text = "console&from=2025-06-01T12:00:00Z&until=2025-06-01T13:00:00.500000Z&ids=pump-1,a%2Cb%20%26%20c\
                    &request=GET%20query?start=2025-06-01T12:00:00Z%26ids=a,b";
        assert_eq!(address.write(), text);
        assert_eq!(read(text), address);
    }

    #[test]
    fn spans_accept_common_unit_names() {
        let span_of = |text| read(text).range;
        assert_eq!(span_of("span=all"), ChartRange::All);
        assert_eq!(span_of("span=5m"), span_of("span=5min"));
        assert_eq!(span_of("span=90s"), ChartRange::Live { span_nanos: 90_000_000_000 });
        assert_eq!(Address { range: span_of("span=5m"), ..Address::default() }.write(), "span=5min");
    }

    #[test]
    fn instants_are_utc_without_an_offset() {
        let wanted = read("from=2025-06-01T10:00:00Z&until=2025-06-01T11:00:00Z").range;
        assert_eq!(read("from=2025-06-01T10:00&until=2025-06-01T13:00:00+02:00").range, wanted);
    }

    #[test]
    fn invalid_parts_are_reported_and_the_others_apply() {
        let (address, problems) =
            Address::read("console&&colour=red&span=soon&ids=a,,b&request=hello&x&from=yesterday");
        assert_eq!(
            address,
            Address { anchor: "console".into(), ids: vec!["a".into(), "b".into()], ..Address::default() }
        );
        assert_eq!(problems.len(), 5, "{problems:?}");
        assert!(problems[1].contains("\"soon\"") && problems[4].contains("\"yesterday\""), "{problems:?}");
    }

    #[test]
    fn a_fragment_names_a_request_even_where_that_is_none() {
        for fragment in [
            "request=hello",
            "api&request=",
            "console&span=5min&request=delete%20events",
            "api&request",
            "Request=GET%20latest",
            "api&%72equest=GET%20latest",
        ] {
            assert!(Address::names_request(fragment) && Address::read(fragment).0.request.is_empty(), "{fragment}");
        }
        assert!(!Address::names_request("") && !Address::names_request("api&span=5min&ids=request=x"));
    }

    #[test]
    fn what_is_not_understood_is_named_in_part() {
        let (_, problems) = Address::read(&["request=", &"x".repeat(10_000)].concat());
        assert!(problems[0].contains(&["\"", &"x".repeat(200), "\u{2026}\""].concat()), "{problems:?}");
        assert!(problems[0].len() < 300, "{problems:?}");
    }

    #[test]
    fn half_a_range_and_a_reversed_one_are_reported() {
        for fragment in ["from=2025-06-01", "from=2025-06-02&until=2025-06-01", "span=0s", "span=-5s"] {
            let (address, problems) = Address::read(fragment);
            assert_eq!((address.range, problems.len()), (Address::default().range, 1), "{fragment}");
        }
    }

    #[test]
    fn only_a_fixed_range_bounds_a_request() {
        assert_eq!(bounds(ChartRange::All), ["", ""]);
        let range = ChartRange::Fixed { from: 0, until: 1_500_000_000 };
        assert_eq!(bounds(range), ["1970-01-01T00:00:00Z", "1970-01-01T00:00:01.500000Z"]);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_text_is_read_without_a_panic(fragment in "\\PC*") {
            let (address, _) = Address::read(&fragment);
            prop_assert_eq!(Address::read(&address.write()).0, address);
        }

        #[test]
        fn any_ids_and_requests_read_back(ids in proptest::collection::vec("\\PC+", 0..4), rest in "\\PC*") {
            let address = Address { ids, request: format!("GET {rest}"), ..Address::default() };
            prop_assert_eq!(read(&address.write()), address);
        }
    }
}

// SPDX-License-Identifier: GPL-2.0

//! The little of DER that tells whose signature a module carries: tags, lengths, and where a value ends.

/// A universal sequence.
pub const SEQUENCE: u8 = 0x30;
/// A universal set.
pub const SET: u8 = 0x31;
/// A universal integer.
pub const INTEGER: u8 = 0x02;
/// A universal octet string.
pub const OCTETS: u8 = 0x04;
/// A universal object identifier.
pub const OBJECT: u8 = 0x06;
/// A context tag 0 that holds other values.
pub const CONTEXT_0: u8 = 0xa0;
/// A context tag 0 that holds bytes.
pub const CONTEXT_0_BYTES: u8 = 0x80;
/// A context tag 1 that holds other values.
pub const CONTEXT_1: u8 = 0xa1;
/// A context tag 3 that holds other values.
pub const CONTEXT_3: u8 = 0xa3;

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Its tag.
    pub tag: u8,
    /// Its contents.
    pub contents: &'a [u8],
    /// The whole value, tag and length included.
    pub whole: &'a [u8],
}

/// Reads values one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next value, if it is whole.
    pub fn next_value(&mut self) -> Option<Value<'a>> {
        let bytes = self.0;
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
                (
                    digits
                        .iter()
                        .fold(0, |length, &digit| (length << 8) | usize::from(digit)),
                    rest,
                )
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        let whole = bytes.get(..bytes.len() - rest.len())?;
        self.0 = rest;
        Some(Value {
            tag,
            contents,
            whole,
        })
    }

    /// The next value, if it has this tag.
    pub fn expect(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next_value().filter(|value| value.tag == tag)
    }

    /// The next value if it has this tag; otherwise nothing is read.
    pub fn optional(&mut self, tag: u8) -> Option<Value<'a>> {
        let mut ahead = *self;
        let value = ahead.expect(tag)?;
        *self = ahead;
        Some(value)
    }

    /// A reader of what the next value holds, if it has this tag.
    pub fn enter(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.expect(tag).map(|value| Reader(value.contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_with_short_and_long_lengths() {
        let mut long = vec![OCTETS, 0x82, 0x01, 0x00];
        long.resize(4 + 256, 7);
        let mut bytes = vec![INTEGER, 1, 42];
        bytes.extend_from_slice(&long);
        let mut reader = Reader(&bytes);
        assert_eq!(reader.expect(INTEGER).unwrap().contents, [42]);
        assert_eq!(reader.optional(SET), None);
        assert_eq!(reader.expect(OCTETS).unwrap().whole, long);
        assert_eq!(reader.next_value(), None);
    }

    #[test]
    fn a_length_past_the_end_is_no_value() {
        assert_eq!(Reader(&[OCTETS, 5, 1]).next_value(), None);
        assert_eq!(
            Reader(&[OCTETS, 0x84, 0xff, 0xff, 0xff, 0xff]).next_value(),
            None
        );
        assert_eq!(Reader(&[OCTETS, 0x80]).next_value(), None);
    }
}

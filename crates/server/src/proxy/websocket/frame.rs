//! Where the frames of a WebSocket end: a frame of ours may only stand between two others.

/// A frame that ends a WebSocket from the server's side (RFC 6455 §5.5.1), without a mask.
pub(super) const fn close(code: u16) -> [u8; 4] {
    let [high, low] = code.to_be_bytes();
    [0x88, 2, high, low]
}

/// Follows the bytes of one direction (RFC 6455 §5.2).
#[derive(Debug, Default)]
pub(super) struct Boundary {
    /// What has come of the head of a frame.
    head: [u8; 14],
    length: usize,
    /// What is to come of its payload.
    payload: u64,
}

impl Boundary {
    /// Takes note of bytes that have passed.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let here = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
                self.payload -= here as u64;
                bytes = bytes.get(here..).unwrap_or_default();
                continue;
            }
            bytes = rest;
            if let Some(place) = self.head.get_mut(self.length) {
                *place = byte;
            }
            self.length += 1;
            if let Some(payload) = self.payload_of_head() {
                self.payload = payload;
                self.length = 0;
            }
        }
    }

    /// Whether no frame is under way. One of a message that is in several frames may follow.
    pub(super) const fn is_between_frames(&self) -> bool {
        self.length == 0 && self.payload == 0
    }

    /// The length of the payload, once the head is whole.
    fn payload_of_head(&self) -> Option<u64> {
        let [_, second, extended @ ..] = &self.head;
        let (width, short) = match second & 0x7f {
            126 => (2, 0),
            127 => (8, 0),
            short => (0, u64::from(short)),
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        if self.length < 2 + width + mask {
            return None;
        }
        let extended = extended.iter().take(width);
        Some(extended.fold(short, |length, &byte| length << 8 | u64::from(byte)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(masked: bool, payload: usize) -> Vec<u8> {
        let mask = if masked { 0x80 } else { 0 };
        let mut frame = vec![0x82];
        match payload {
            0..126 => frame.push(mask | u8::try_from(payload).unwrap()),
            126..65_536 => {
                frame.push(mask + 126);
                frame.extend(u16::try_from(payload).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(mask + 127);
                frame.extend((payload as u64).to_be_bytes());
            }
        }
        frame.extend(if masked { &[1, 2, 3, 4][..] } else { &[] });
        frame.extend(vec![0x88; payload]);
        frame
    }

    proptest! {
        #[test]
        fn a_boundary_is_seen_after_every_frame_and_nowhere_else(
            frames in prop::collection::vec((any::<bool>(), 0_usize..400), 1..6),
        ) {
            let mut boundary = Boundary::default();
            for (masked, payload) in frames {
                prop_assert!(boundary.is_between_frames());
                let frame = frame(masked, payload);
                let (last, before) = frame.split_last().unwrap();
                for byte in before {
                    boundary.pass(&[*byte]);
                    prop_assert!(!boundary.is_between_frames());
                }
                boundary.pass(&[*last]);
                prop_assert!(boundary.is_between_frames());
            }
        }

        #[test]
        fn it_is_the_same_however_the_bytes_come(
            frames in prop::collection::vec((any::<bool>(), 0_usize..70_000), 1..4),
            step in 1_usize..5_000,
            cut in 0_usize..10,
        ) {
            let mut bytes = Vec::new();
            for (masked, payload) in frames {
                bytes.extend(frame(masked, payload));
            }
            bytes.truncate(bytes.len() - cut.min(bytes.len()));
            let (mut one, mut other) = (Boundary::default(), Boundary::default());
            one.pass(&bytes);
            for bytes in bytes.chunks(step) {
                other.pass(bytes);
            }
            prop_assert_eq!(one.is_between_frames(), other.is_between_frames());
        }
    }

    #[test]
    fn a_length_of_any_size_ends_nothing_early() {
        let mut boundary = Boundary::default();
        boundary.pass(&[0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]);
        boundary.pass(&[0; 100]);
        assert!(!boundary.is_between_frames());
        assert_eq!(close(1008), [0x88, 2, 3, 0xf0]);
    }
}

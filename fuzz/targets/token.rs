//! `sealpass_fuzz::token` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    sealpass_fuzz::token(bytes);
});

//! Which RSA keys are safe.

use super::KeyError;

/// The shortest and the longest modulus, in bits (RFC 7518 §3.3; the longest bounds the work).
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The smallest public exponent: smaller ones break with a careless padding (NIST SP 800-56B §6.2).
const MIN_EXPONENT: u64 = 65_537;

/// The longest public exponent, in bits: longer ones only make a verification dear.
const MAX_EXPONENT_BITS: usize = 33;

/// Refuses a public key that is short, that a broken chip made, or whose exponent is 1, 3, even or
/// huge.
///
/// Both numbers are big-endian without leading zeros.
pub(crate) fn require_safe(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyError> {
    let bits = bit_length(modulus);
    if !MODULUS_BITS.contains(&bits) || !is_odd(modulus) {
        return Err(KeyError::RsaModulus { bits });
    }
    if is_roca(modulus) {
        return Err(KeyError::RsaRoca);
    }
    if bit_length(exponent) > MAX_EXPONENT_BITS || !is_odd(exponent) {
        return Err(KeyError::RsaExponent);
    }
    let exponent = exponent.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    if exponent < MIN_EXPONENT { Err(KeyError::RsaExponent) } else { Ok(()) }
}

fn bit_length(number: &[u8]) -> usize {
    match number.first() {
        Some(first) => (number.len() * 8).saturating_sub(first.leading_zeros() as usize),
        None => 0,
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last & 1 == 1)
}

/// Whether the modulus has the fingerprint of CVE-2017-15361: the library of a smart card chose
/// primes that are powers of 65,537 modulo many small primes, and so is their product. One of 2²⁷
/// other keys has it too.
fn is_roca(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
        97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.iter().all(|prime| {
        let residue = modulus.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime);
        let mut powers = (0..*prime).scan(1, |power, _| {
            let this = *power;
            *power = this * (65_537 % prime) % prime;
            Some(this)
        });
        powers.any(|power| power == residue)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPONENT: [u8; 3] = [1, 0, 1];

    fn modulus(bits: usize) -> Vec<u8> {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= modulus.len() * 8 - bits;
        modulus
    }

    #[test]
    fn a_modulus_that_can_be_factored_or_that_costs_too_much_is_refused() {
        for bits in [2048, 2049, 3072, 4096, 8192] {
            assert_eq!(require_safe(&modulus(bits), &EXPONENT), Ok(()), "{bits}");
        }
        for bits in [0, 512, 1024, 2047, 8193, 16384] {
            let refused = Err(KeyError::RsaModulus { bits });
            assert_eq!(require_safe(&modulus(bits.max(1))[..bits.div_ceil(8)], &EXPONENT), refused);
        }
    }

    #[test]
    fn an_even_modulus_is_refused() {
        let mut even = modulus(2048);
        even[255] = 0xfe;
        assert_eq!(require_safe(&even, &EXPONENT), Err(KeyError::RsaModulus { bits: 2048 }));
    }

    #[test]
    fn an_exponent_of_1_or_3_or_an_even_or_a_huge_one_is_refused() {
        for exponent in [
            &[][..],
            &[1],
            &[3],
            &[17],
            &[0xff, 0xff],
            &[1, 0, 0],
            &[1, 0, 2],
            &[2, 0, 0, 0, 1],
            &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1],
        ] {
            assert_eq!(require_safe(&modulus(2048), exponent), Err(KeyError::RsaExponent));
        }
        for exponent in [&[1, 0, 1][..], &[1, 0, 3], &[1, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(require_safe(&modulus(2048), exponent), Ok(()));
        }
    }

    #[test]
    fn few_numbers_have_the_fingerprint_of_roca() {
        assert!(is_roca(&[1, 0, 1]), "65,537 itself has it");
        let with_it = (1..=20_000_u32).filter(|number| is_roca(&number.to_be_bytes())).count();
        assert_eq!(with_it, 1, "only 1, the power of nought");
        for bits in [2048, 3072] {
            assert!(!is_roca(&modulus(bits)));
        }
    }
}

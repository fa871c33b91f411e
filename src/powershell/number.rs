//! Numbers in all of PowerShell's written forms: `12`, `-2`, `.5`, `1e2`, `0x1F4`, `0b101`, `1kb`, `1.5mb`, `12l`, `1.5d`.

use super::Value;

/// Reads a number, with a sign or without. `None` where PowerShell would not read a number, or one that does not fit.
///
/// A whole number too large for 64 bits, and a `[decimal]`, become a Double.
pub fn parse(text: &str) -> Option<Value> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (body, multiplier) = split_multiplier(unsigned);
    let radix = body.get(..2).map(str::to_ascii_lowercase);
    match radix.as_deref() {
        Some("0x") => whole(bits(split_suffix(&body[2..], "ls"), 16)?, negative, multiplier),
        Some("0b") => whole(bits(split_suffix(&body[2..], "ls"), 2)?, negative, multiplier),
        _ => decimal(body, negative, multiplier),
    }
}

/// Cuts `kb`, `mb`, `gb`, `tb`, `pb` off the end.
fn split_multiplier(text: &str) -> (&str, i64) {
    let Some(at) = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)) else { return (text, 1) };
    let shift = match text[at..].to_ascii_lowercase().as_str() {
        "kb" => 10,
        "mb" => 20,
        "gb" => 30,
        "tb" => 40,
        "pb" => 50,
        _ => return (text, 1),
    };
    // `0b` alone in `0xkb` and the like: what is left must still be a number, which its own reading checks.
    (&text[..at], 1 << shift)
}

/// Cuts one type suffix out of `allowed` (lower case) off the end.
fn split_suffix<'a>(text: &'a str, allowed: &str) -> (&'a str, Option<char>) {
    let suffix = text.chars().next_back().map(|c| c.to_ascii_lowercase()).filter(|c| allowed.contains(*c));
    suffix.map_or((text, None), |c| (&text[..text.len() - 1], Some(c)))
}

/// Hexadecimal or binary digits. As many digits as the type has make the first bit its sign: `0xFFFFFFFF` is -1.
fn bits((digits, suffix): (&str, Option<char>), radix: u32) -> Option<i128> {
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let width = digits.len() * if radix == 16 { 4 } else { 1 };
    match (width, suffix) {
        (32, _) => u32::try_from(value).ok().map(|v| i128::from(v.cast_signed())),
        (64, _) => u64::try_from(value).ok().map(|v| i128::from(v.cast_signed())),
        (_, Some('s')) => i16::try_from(value).ok().map(i128::from),
        _ => Some(value),
    }
}

fn whole(value: i128, negative: bool, multiplier: i64) -> Option<Value> {
    let value = value.checked_mul(i128::from(multiplier))?;
    i64::try_from(if negative { -value } else { value }).ok().map(Value::Int)
}

fn decimal(body: &str, negative: bool, multiplier: i64) -> Option<Value> {
    let (digits, suffix) = split_suffix(body, "ld");
    let sign = if negative { -1.0 } else { 1.0 };
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let exact = digits.parse::<i128>().ok().and_then(|value| whole(value, negative, multiplier));
        return match (exact, suffix) {
            (Some(value), None | Some('l')) => Some(value),
            (None, Some('l')) => None,
            _ => real(digits).map(|value| Value::Double(sign * value * as_double(multiplier))),
        };
    }
    let value = sign * real(digits)? * as_double(multiplier);
    match suffix {
        // `1.5l` is rounded to even, as .NET rounds to a whole number.
        Some('l') => round(value).map(Value::Int),
        _ => Some(Value::Double(value)),
    }
}

/// `digits[.digits][e[±]digits]` or `.digits…`; nothing else that Rust would read, such as `inf`.
fn real(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_reads = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    let reads = digits(before) && digits(after) && !(before.is_empty() && after.is_empty()) && exponent_reads;
    if reads { text.parse().ok().filter(|v: &f64| v.is_finite()) } else { None }
}

/// Rounds half to even, as .NET's conversions to whole numbers do. `None` where 64 bits do not hold it.
pub(super) fn round(value: f64) -> Option<i64> {
    let rounded = value.round_ties_even();
    // 2^63 is the first Double beyond the range; the lower end is exact.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded).then_some(rounded as i64)
}

/// A whole number as the Double that PowerShell compares it as.
#[expect(clippy::cast_precision_loss, reason = "PowerShell compares in Double too")]
pub(super) fn as_double(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_form_reads() {
        for (text, value) in [
            ("0", Value::Int(0)),
            ("-2", Value::Int(-2)),
            ("+7", Value::Int(7)),
            ("500.0", Value::Double(500.0)),
            (".5", Value::Double(0.5)),
            ("5.", Value::Double(5.0)),
            ("1e2", Value::Double(100.0)),
            ("1E-2", Value::Double(0.01)),
            ("0x1F4", Value::Int(500)),
            ("0x1f", Value::Int(31)),
            ("-0x1f", Value::Int(-31)),
            ("0xFFFFFFFF", Value::Int(-1)),
            ("0x1d", Value::Int(29)),
            ("0b101", Value::Int(5)),
            ("1kb", Value::Int(1024)),
            ("2GB", Value::Int(2_147_483_648)),
            ("1.5mb", Value::Double(1_572_864.0)),
            ("12l", Value::Int(12)),
            ("2lkb", Value::Int(2048)),
            ("1.5d", Value::Double(1.5)),
            ("5d", Value::Double(5.0)),
            ("1.5l", Value::Int(2)),
            ("99999999999999999999", Value::Double(1e20)),
        ] {
            assert_eq!(parse(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "-",
            ".",
            "e2",
            "1e",
            "0x",
            "0b2",
            "kb",
            "1x",
            "1.2.3",
            "inf",
            "NaN",
            "1 2",
            "--2",
            "1,000",
            "99999999999999999999l",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

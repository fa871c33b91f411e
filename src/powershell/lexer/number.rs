//! PowerShell's number literals: `30`, `1.5`, `1e3`, `0x1F`, `4kb`, `10L`.

use super::super::token::Number;

/// Reads a whole text as a number; `None` where it is none (`03:00:00`, `1.2.3`).
pub fn parse(text: &str) -> Option<Number> {
    let (text, factor) = multiplier(text);
    let (text, long) = match text.strip_suffix(['l', 'L']) {
        Some(rest) if !is_hex(text) || text.len() > 3 => (rest, true),
        _ => (text, false),
    };
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        // Eight digits fill a 32-bit number, sign included: 0xFFFFFFFF is -1.
        let value = match digits.len() {
            ..=8 if !long => i64::from(u32::from_str_radix(digits, 16).ok()?.cast_signed()),
            _ => u64::from_str_radix(digits, 16).ok()?.cast_signed(),
        };
        return Some(scale(Number::Int(value), factor));
    }
    let text = if long { text } else { text.strip_suffix(['d', 'D']).unwrap_or(text) };
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut chars = body.bytes().peekable();
    let (mut digits, mut fractional) = (0, false);
    while chars.next_if(u8::is_ascii_digit).is_some() {
        digits += 1;
    }
    if chars.next_if_eq(&b'.').is_some() {
        fractional = true;
        while chars.next_if(u8::is_ascii_digit).is_some() {
            digits += 1;
        }
    }
    if digits == 0 {
        return None;
    }
    if chars.next_if(|b| matches!(b, b'e' | b'E')).is_some() {
        fractional = true;
        chars.next_if(|b| matches!(b, b'+' | b'-'));
        chars.next_if(u8::is_ascii_digit)?;
        while chars.next_if(u8::is_ascii_digit).is_some() {}
    }
    if chars.next().is_some() {
        return None;
    }
    let number = match text.parse::<i64>() {
        Ok(whole) if !fractional => Number::Int(whole),
        _ => Number::Double(text.parse().ok()?),
    };
    Some(scale(number, factor))
}

fn is_hex(text: &str) -> bool {
    text.starts_with("0x") || text.starts_with("0X")
}

fn multiplier(text: &str) -> (&str, i64) {
    let Some((head, tail)) = text.len().checked_sub(2).and_then(|at| text.split_at_checked(at)) else { return (text, 1) };
    let power = match tail.to_ascii_lowercase().as_str() {
        "kb" => 1,
        "mb" => 2,
        "gb" => 3,
        "tb" => 4,
        "pb" => 5,
        _ => return (text, 1),
    };
    (head, 1_i64 << (10 * power))
}

#[expect(clippy::cast_precision_loss, reason = "a number beyond i64 becomes a double in PowerShell too")]
fn scale(number: Number, factor: i64) -> Number {
    match number {
        Number::Int(value) => value.checked_mul(factor).map_or(Number::Double(value as f64 * factor as f64), Number::Int),
        Number::Double(value) => Number::Double(value * factor as f64),
    }
}

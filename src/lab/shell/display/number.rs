//! Numbers by .NET's formats, in en-US: `N2`, `F1`, `D3`, `X`, `P0`, and patterns such as `#,##0.00` and `000`.

use crate::powershell::Value;

/// `.ToString(format)` of a number; `None` where .NET refuses the format.
#[expect(clippy::cast_precision_loss, reason = ".NET formats by the digits of a double too")]
pub fn format(value: &Value, format: &str) -> Option<String> {
    let (whole, float) = match value {
        Value::Int(value) => (Some(*value), *value as f64),
        Value::Double(value) => (None, *value),
        _ => return None,
    };
    let letter = format.chars().next();
    let digits = format.get(1..).unwrap_or_default();
    if let Some(letter) = letter.filter(char::is_ascii_alphabetic)
        && (digits.is_empty() || digits.bytes().all(|b| b.is_ascii_digit()))
    {
        let precision = if digits.is_empty() { None } else { digits.parse::<usize>().ok().filter(|n| *n <= 99) };
        return match letter.to_ascii_lowercase() {
            'n' => Some(grouped(&fixed(float, precision.unwrap_or(2)))),
            'f' => Some(fixed(float, precision.unwrap_or(2))),
            'p' => Some(format!("{} %", grouped(&fixed(float * 100.0, precision.unwrap_or(2))))),
            'c' => Some(format!("${}", grouped(&fixed(float, precision.unwrap_or(2))))),
            'd' => whole.map(|value| {
                let sign = if value < 0 { "-" } else { "" };
                format!("{sign}{:0width$}", value.unsigned_abs(), width = precision.unwrap_or(0))
            }),
            'x' => whole.map(|value| {
                let width = precision.unwrap_or(0);
                // A 32-bit number shows eight digits when it is negative.
                let bits = if value < 0 && i32::try_from(value).is_ok() {
                    u64::from(i32::try_from(value).map_or(0, i32::cast_unsigned))
                } else {
                    value.cast_unsigned()
                };
                if letter == 'X' { format!("{bits:0width$X}") } else { format!("{bits:0width$x}") }
            }),
            'g' | 'r' => Some(crate::powershell::format::to_text(value)),
            _ => None,
        };
    }
    if format.is_empty() { Some(crate::powershell::format::to_text(value)) } else { Some(pattern(float, format)) }
}

/// Digits after the point, rounded away from zero as the .NET Framework does.
fn fixed(value: f64, digits: usize) -> String {
    let factor = 10_f64.powi(i32::try_from(digits.min(15)).unwrap_or(15));
    let scaled = value * factor;
    let rounded = if scaled.is_finite() && scaled.abs() < 1e15 { scaled.round() / factor } else { value };
    format!("{rounded:.digits$}")
}

fn grouped(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (nth, c) in whole.chars().enumerate() {
        if nth > 0 && (whole.len() - nth) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    match rest {
        Some(rest) => format!("{sign}{out}.{rest}"),
        None => format!("{sign}{out}"),
    }
}

/// `#,##0.0#` and the like; other characters stand as they are.
fn pattern(value: f64, format: &str) -> String {
    let digit = |c: char| matches!(c, '0' | '#' | '.' | ',');
    let Some(start) = format.find(digit) else { return format.to_owned() };
    let end = format.rfind(digit).map_or(format.len(), |at| at + 1);
    let core = &format[start..end];
    let (whole, fraction) = core.split_once('.').unwrap_or((core, ""));
    let percent = if format.contains('%') { 100.0 } else { 1.0 };
    let most = fraction.chars().filter(|c| matches!(c, '0' | '#')).count();
    let least = fraction.chars().filter(|c| *c == '0').count();
    let text = fixed(value * percent, most);
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (integer, decimals) = text.split_once('.').unwrap_or((text, ""));
    let width = whole.chars().filter(|c| *c == '0').count();
    let integer = integer.trim_start_matches('0');
    let integer = format!("{integer:0>width$}");
    let integer = if whole.contains(',') { grouped(&integer) } else { integer };
    let mut decimals = decimals.to_owned();
    while decimals.len() > least && decimals.ends_with('0') {
        decimals.pop();
    }
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{}{sign}{integer}{point}{decimals}{}", &format[..start], &format[end..])
}

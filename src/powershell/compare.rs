//! The comparison operators: the left side's type decides, text ignores case unless asked, a collection on the left
//! filters, and what cannot be compared is an error in PowerShell's own words.
//!
//! Equality never fails: what cannot be converted is not equal. An ordering of what cannot be converted is an error.
//!
//! An Unknown decides nothing; within an array it stands for any number of elements, since an array that was not read may
//! have any (and PowerShell makes one element into the element itself).

use std::cmp::Ordering;

use super::convert::{self, Type, UNSURE_DATE, cast, is_open, text_as_number, truthy, type_name, unknown_in};
use super::format::to_text;
use super::like::Wildcard;
use super::number::as_double;
use super::operator::{Case, Comparison, Operator};
use super::{Error, Value, collate, pattern};

/// `left OP right`. With an array on the left `-eq` to `-notmatch` answer the elements that fit, the others a Bool.
/// Where an Unknown decides, the answer is Unknown with its reason; what may fit besides is an Unknown among the elements.
pub fn apply(operator: Operator, left: &Value, right: &Value) -> Result<Value, Error> {
    let Operator { asks, case } = operator;
    let (positive, negated) = asks.positive();
    let membership = match positive {
        Comparison::In => contains(right, left, case)?,
        Comparison::Contains => contains(left, right, case)?,
        _ => return filter(operator, left, right),
    };
    Ok(membership.map_or_else(|| undecided(left, right), |found| Value::Bool(found != negated)))
}

/// The same for one value on the left, never opening an array: `None` where an Unknown decides.
pub fn scalar(operator: Operator, left: &Value, right: &Value) -> Result<Option<bool>, Error> {
    let (positive, negated) = operator.asks.positive();
    if !matches!(positive, Comparison::In | Comparison::Contains) && (is_open(left) || is_open(right)) {
        return Ok(None);
    }
    let answer = match positive {
        Comparison::Eq => equals(left, right, operator.case)?,
        Comparison::Lt | Comparison::Le | Comparison::Gt | Comparison::Ge => ordered(positive, left, right, operator.case)?,
        Comparison::Like | Comparison::Match => TextTest::new(positive, right, operator.case)?.and_then(|test| test.fits(left)),
        Comparison::In => contains(right, left, operator.case)?,
        _ => contains(left, right, operator.case)?,
    };
    Ok(answer.map(|answer| answer != negated))
}

/// `-eq` of two values; `None` where an Unknown decides. The one error is a text that .NET may read as a date and
/// lockstep does not. Objects are equal when their properties are: they have no identity here.
pub fn equals(left: &Value, right: &Value, case: Case) -> Result<Option<bool>, Error> {
    let same = match (left, right) {
        _ if is_open(left) || is_open(right) => return Ok(None),
        (Value::Null, other) | (other, Value::Null) => *other == Value::Null,
        (Value::Text(left), right) => {
            return Ok(unknown_in(right).is_none().then(|| collate::compare(left, &to_text(right), case).is_eq()));
        }
        (Value::Bool(left), right) => return Ok(truthy(right).map(|right| *left == right)),
        (Value::Int(_) | Value::Double(_), _) => match as_number(left, right) {
            Some(Ok(right)) => numbers(left, &right) == Some(Ordering::Equal),
            _ => false,
        },
        (Value::Version(_) | Value::TimeSpan(_) | Value::DateTime(_), _) => match cast(type_of(left), right) {
            Ok(converted) => *left == converted,
            Err(error) if error.id == UNSURE_DATE => return Err(error),
            Err(_) => false,
        },
        (Value::Object(_), Value::Object(_)) => {
            return Ok((unknown_in(left).is_none() && unknown_in(right).is_none()).then(|| left == right));
        }
        (Value::Object(_) | Value::Array(_) | Value::Unknown(_), _) => false,
    };
    Ok(Some(same))
}

/// How two values order, as PowerShell compares them; `None` where an Unknown decides.
/// `$null` comes before everything but negative numbers.
pub fn order(left: &Value, right: &Value, case: Case) -> Result<Option<Ordering>, Error> {
    let negative = |value: &Value| matches!(value, Value::Int(v) if *v < 0) || matches!(value, Value::Double(v) if *v < 0.0);
    let failure = |why: &Error| Error::comparison(&to_text(left), &to_text(right), &why.message);
    Ok(match (left, right) {
        _ if is_open(left) || is_open(right) => None,
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Null, other) => Some(if negative(other) { Ordering::Greater } else { Ordering::Less }),
        (other, Value::Null) => Some(if negative(other) { Ordering::Less } else { Ordering::Greater }),
        (Value::Text(left), right) => unknown_in(right).is_none().then(|| collate::compare(left, &to_text(right), case)),
        (Value::Bool(left), right) => truthy(right).map(|right| left.cmp(&right)),
        (Value::Int(_) | Value::Double(_), _) => match as_number(left, right) {
            Some(right) => numbers(left, &right?),
            None => return Err(failure(&no_number(left, right))),
        },
        (Value::Version(_) | Value::TimeSpan(_) | Value::DateTime(_), _) => {
            Some(same_type(left, &cast(type_of(left), right).map_err(|why| failure(&why))?))
        }
        (Value::Object(_) | Value::Array(_) | Value::Unknown(_), _) => {
            let words = format!("Cannot compare \"{}\" because it is not IComparable.", to_text(left));
            return Err(Error::new("NotIcomparable", words));
        }
    })
}

/// `-lt` to `-ge`. `$null` has rules of its own: a number meets it as if zero were on the other side.
fn ordered(asks: Comparison, left: &Value, right: &Value, case: Case) -> Result<Option<bool>, Error> {
    let less = matches!(asks, Comparison::Lt | Comparison::Le);
    let zero_or_more = |value: &Value| match value {
        Value::Int(v) => Some(*v >= 0),
        Value::Double(v) => Some(*v >= 0.0),
        _ => None,
    };
    if *left == Value::Null || *right == Value::Null {
        if let Some(number) = zero_or_more(left) {
            return Ok(Some(number != less));
        }
        if let Some(number) = zero_or_more(right) {
            return Ok(Some(number == less));
        }
        return Ok(Some(match asks {
            Comparison::Lt => *right != Value::Null,
            Comparison::Le => *left == Value::Null,
            Comparison::Gt => *left != Value::Null,
            _ => *right == Value::Null,
        }));
    }
    Ok(order(left, right, case)?.map(|order| match asks {
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        Comparison::Gt => order.is_gt(),
        _ => order.is_ge(),
    }))
}

/// `-contains`: one value on the left is a collection of itself.
fn contains(collection: &Value, wanted: &Value, case: Case) -> Result<Option<bool>, Error> {
    let Value::Array(items) = collection else { return equals(collection, wanted, case) };
    let mut sure = true;
    for item in items {
        match equals(item, wanted, case)? {
            Some(true) => return Ok(Some(true)),
            Some(false) => {}
            None => sure = false,
        }
    }
    Ok(sure.then_some(false))
}

/// One value answers a Bool, an array its elements that fit: of `-like` as text, as PowerShell does.
fn filter(operator: Operator, left: &Value, right: &Value) -> Result<Value, Error> {
    let Value::Array(items) = left else {
        return Ok(scalar(operator, left, right)?.map_or_else(|| undecided(left, right), Value::Bool));
    };
    // One element that is known may turn out to be no array at all.
    if is_open(left) && items.iter().filter(|item| !item.is_unknown()).count() < 2 {
        return Ok(undecided(left, right));
    }
    let as_text = matches!(operator.asks, Comparison::Like | Comparison::NotLike);
    let mut fitting = Vec::new();
    let mut maybe = None;
    for item in items {
        match scalar(operator, item, right)? {
            Some(true) if as_text => fitting.push(Value::Text(to_text(item))),
            Some(true) => fitting.push(item.clone()),
            Some(false) => {}
            None => maybe = maybe.or_else(|| Some(undecided(item, right))),
        }
    }
    fitting.extend(maybe);
    Ok(Value::Array(fitting))
}

fn undecided(left: &Value, right: &Value) -> Value {
    Value::unknown(unknown_in(left).or_else(|| unknown_in(right)).unwrap_or_default())
}

/// A compiled right side of `-like` or `-match`.
enum TextTest {
    Like(Wildcard),
    Match(regex::Regex),
}

impl TextTest {
    fn new(asks: Comparison, right: &Value, case: Case) -> Result<Option<Self>, Error> {
        if unknown_in(right).is_some() {
            return Ok(None);
        }
        let text = to_text(right);
        Ok(Some(if asks == Comparison::Like {
            Self::Like(Wildcard::new(&text, case)?)
        } else {
            Self::Match(pattern::compile(&text, case)?)
        }))
    }

    fn fits(&self, left: &Value) -> Option<bool> {
        let text = unknown_in(left).is_none().then(|| to_text(left))?;
        Some(match self {
            Self::Like(wildcard) => wildcard.matches(&text),
            Self::Match(regex) => regex.is_match(&text),
        })
    }
}

/// The right side as a number, for a number on the left; `None` where there is no such conversion.
fn as_number(left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    match right {
        Value::Int(_) | Value::Double(_) => Some(Ok(right.clone())),
        Value::Bool(v) => Some(Ok(Value::Int(i64::from(*v)))),
        Value::Text(text) => Some(text_as_number(text, type_name(left))),
        _ => None,
    }
}

fn no_number(left: &Value, right: &Value) -> Error {
    let to = if matches!(left, Value::Double(_)) { Type::Double } else { Type::Int };
    cast(to, right).err().unwrap_or_else(|| Error::no_conversion(&to_text(right), type_name(right), to.full_name()))
}

/// Two whole numbers compare as such, else both as Double. `None` for what has no order (NaN).
fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    let double = |value: &Value| match value {
        Value::Int(v) => as_double(*v),
        Value::Double(v) => *v,
        _ => f64::NAN,
    };
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        _ => double(left).partial_cmp(&double(right)),
    }
}

fn type_of(value: &Value) -> convert::Type {
    match value {
        Value::Version(_) => Type::Version,
        Value::TimeSpan(_) => Type::TimeSpan,
        _ => Type::DateTime,
    }
}

/// Compares after conversion; what [`type_of`] converted has the left side's type.
fn same_type(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Version(left), Value::Version(right)) => left.cmp(right),
        (Value::TimeSpan(left), Value::TimeSpan(right)) => left.cmp(right),
        (Value::DateTime(left), Value::DateTime(right)) => left.cmp(right),
        _ => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests;

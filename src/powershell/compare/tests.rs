use chrono::TimeDelta;

use super::*;
use crate::powershell::Version;

fn ask(left: impl Into<Value>, operator: &str, right: impl Into<Value>) -> Result<Value, String> {
    apply(Operator::parse(operator).unwrap(), &left.into(), &right.into()).map_err(|error| error.message)
}

fn yes(left: impl Into<Value>, operator: &str, right: impl Into<Value>) -> bool {
    ask(left, operator, right) == Ok(Value::Bool(true))
}

fn version(text: &str) -> Value {
    Value::Version(Version::parse(text).unwrap())
}

#[test]
fn the_left_side_decides_the_type() {
    assert!(yes(true, "-eq", "False"));
    assert!(yes("True", "-eq", true));
    assert!(yes(10, "-gt", "9"));
    assert!(yes("10", "-lt", 9));
    assert!(yes(6, "-ne", "5.5"));
    assert!(yes(version("2.10.0.0"), "-gt", "2.9"));
    assert!(yes(TimeDelta::minutes(30), "-eq", "00:30:00"));
    assert!(yes(501, "-ne", true));
    assert!(yes(1, "-eq", true));
}

#[test]
fn text_ignores_case_unless_asked() {
    assert!(yes("EC01", "-eq", "ec01"));
    assert!(yes("EC01", "-ieq", "ec01"));
    assert!(yes("EC01", "-cne", "ec01"));
    assert!(yes("EC01", "-cmatch", "^EC"));
    assert!(!yes("EC01", "-clike", "ec*"));
}

#[test]
fn null_has_rules_of_its_own() {
    assert!(yes(Value::Null, "-eq", Value::Null));
    assert!(yes(Value::Null, "-ne", ""));
    assert!(yes(Value::Null, "-lt", 5));
    assert!(!yes(Value::Null, "-lt", -1));
    assert!(yes(0, "-gt", Value::Null));
    assert!(yes("a", "-ge", Value::Null));
    assert!(!yes(Value::Null, "-ge", "a"));
    assert!(yes(Value::Null, "-le", Value::Null));
    assert!(yes(Value::Null, "-like", ""));
}

#[test]
fn a_collection_on_the_left_filters() {
    let array = || Value::Array(vec![Value::Int(1), Value::from("2"), Value::Int(3)]);
    assert_eq!(ask(array(), "-gt", 1), Ok(Value::Array(vec![Value::from("2"), Value::Int(3)])));
    assert_eq!(ask(array(), "-like", "3"), Ok(Value::Array(vec![Value::from("3")])));
    assert_eq!(ask(array(), "-match", "3"), Ok(Value::Array(vec![Value::Int(3)])));
    assert!(yes(array(), "-contains", 2));
    assert!(yes(4, "-notin", array()));
    assert!(yes("a", "-contains", "A"));
}

#[test]
fn what_cannot_be_compared_is_not_equal_and_has_no_order() {
    assert!(yes(version("2.6"), "-ne", "word"));
    assert!(yes(5, "-ne", "word"));
    assert_eq!(
        ask(version("2.6.92.0"), "-le", "ec02"),
        Err("Could not compare \"2.6.92.0\" to \"ec02\". Error: \"Cannot convert value \"ec02\" to type \"System.Version\". \
             Error: \"Version string portion was too short or too long.\"\""
            .to_owned())
    );
    assert_eq!(
        ask(TimeDelta::days(7), "-ge", version("2.5")),
        Err("Could not compare \"7.00:00:00\" to \"2.5\". Error: \"Cannot convert the \"2.5\" value of type \
             \"System.Version\" to type \"System.TimeSpan\".\""
            .to_owned())
    );
    assert_eq!(
        ask(5, "-lt", "word"),
        Err("Cannot convert value \"word\" to type \"System.Int32\". Error: \"Input string was not in a correct format.\""
            .to_owned())
    );
}

#[test]
fn unknown_decides_only_where_nothing_else_does() {
    let unknown = || Value::unknown("EC02 did not answer");
    let servers = || Value::Array(vec![Value::Bool(false), unknown()]);
    assert_eq!(ask(unknown(), "-eq", 1), Ok(unknown()));
    assert_eq!(ask(servers(), "-eq", false), Ok(unknown()));
    assert!(yes(servers(), "-contains", false));
    assert_eq!(ask(servers(), "-contains", "x"), Ok(unknown()));
    let three = Value::Array(vec![Value::Bool(false), Value::Bool(true), unknown()]);
    assert_eq!(ask(three, "-eq", false), Ok(Value::Array(vec![Value::Bool(false), unknown()])));
    assert_eq!(ask(Value::Array(vec![]), "-eq", unknown()), Ok(Value::Array(vec![])));
    assert_eq!(ask(5, "-eq", Value::Array(vec![Value::Int(5), unknown()])), Ok(unknown()));
}

//! The JSON Schema for editors says what the parser's own tables say.

use lockstep::runbook::vocabulary::{FIELD, FIELD_TYPES, FRONT_MATTER, RESERVED, ROLE, STARTS, Takes, Word};
use serde_json::Value as Json;

fn schema() -> Json {
    serde_json::from_str(include_str!("../assets/runbook.schema.json")).expect("JSON")
}

fn texts(list: &Json) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text")).collect()
}

fn agrees(object: &Json, words: &[Word]) {
    assert_eq!(object["additionalProperties"], false);
    let properties = object["properties"].as_object().expect("properties");
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(names, words.iter().map(|word| word.name).collect::<Vec<_>>());
    for word in words {
        let property = &properties[word.name];
        assert_eq!(property["description"], word.about, "{}", word.name);
        let takes =
            |kind: &str| property["type"] == kind || property["type"].as_array().is_some_and(|list| list.contains(&kind.into()));
        match word.takes {
            Takes::OneOf(values) => assert_eq!(texts(&property["enum"]), values, "{}", word.name),
            Takes::Bool => assert!(takes("boolean"), "{}", word.name),
            Takes::Text => assert!(takes("string"), "{}", word.name),
            Takes::Number => assert_eq!(property["const"], 1, "{}", word.name),
            Takes::List => assert!(property["$ref"] == "#/$defs/texts" || takes("array"), "{}", word.name),
            Takes::Map => assert!(property["$ref"] == "#/$defs/fields" || takes("object"), "{}", word.name),
            other => panic!("{}: the front matter has no {other:?}", word.name),
        }
    }
}

#[test]
fn keys_and_values_are_those_of_the_tables() {
    let schema = schema();
    agrees(&schema, FRONT_MATTER);
    agrees(&schema["$defs"]["role"], ROLE);
    agrees(&schema["$defs"]["field"], FIELD);
    assert_eq!(texts(&schema["$defs"]["name"]["not"]["enum"]), RESERVED);
    assert_eq!(schema["$defs"]["field"]["properties"]["type"]["default"], FIELD_TYPES[0]);
    assert_eq!(schema["$defs"]["role"]["properties"]["starts"]["default"], STARTS[3]);
}

#[test]
fn names_are_those_the_parser_takes() {
    let schema = schema();
    let pattern =
        regex::Regex::new(schema["$defs"]["name"]["pattern"].as_str().expect("a pattern")).expect("a regular expression");
    for name in ["old", "_x1", "old-one", "1a", "é", "a b", "a.b", "", "OLD"] {
        let text = format!("---\nlockstep: 1\nroles: {{ \"{name}\": {{}} }}\n---\n");
        let refused = lockstep::runbook::load("x.md", text.as_bytes()).diagnostics.iter().any(|found| found.rule == "bad-name");
        assert_eq!(pattern.is_match(name), !refused, "{name}");
    }
}

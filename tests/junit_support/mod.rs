//! XML as a CI server reads it: strictly. What is not well-formed is a panic with its place.

/// One element.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    pub fn get(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("<{}> has no {name}", self.name)).1
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The root element.
pub fn read(text: &str) -> Element {
    let rest = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let mut open = vec![Element::default()];
    let mut rest = rest;
    while let Some(at) = rest.find('<') {
        open.last_mut().expect("an element").text.push_str(&plain(&rest[..at]));
        let end = at + rest[at..].find('>').unwrap_or_else(|| panic!("a tag without end: {}", &rest[at..]));
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let done = open.pop().expect("an element");
            assert_eq!(done.name, name, "another element ends than the one that began");
            open.last_mut().expect("a root").children.push(done);
            continue;
        }
        let empty = tag.ends_with('/');
        let element = begin(tag.trim_end_matches('/'));
        if empty { open.last_mut().expect("a root").children.push(element) } else { open.push(element) }
    }
    assert!(open.len() == 1 && rest.trim().is_empty(), "it ends before its elements do");
    open.remove(0).children.pop().expect("a root")
}

fn begin(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    while !rest.trim().is_empty() {
        let (name, after) = rest.trim_start().split_once("=\"").unwrap_or_else(|| panic!("no attribute: {rest}"));
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("no end of {name}: {after}"));
        assert!(element.attributes.iter().all(|(known, _)| known != name), "{name} twice");
        element.attributes.push((name.to_owned(), plain(value)));
        rest = after;
    }
    element
}

/// Text without its references.
fn plain(text: &str) -> String {
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "a control character: {text:?}");
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let end = at + rest[at..].find(';').unwrap_or_else(|| panic!("a bare &: {}", &rest[at..]));
        out.push(match &rest[at + 1..end] {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#10" => '\n',
            "#9" => '\t',
            other => panic!("&{other};"),
        });
        rest = &rest[end + 1..];
    }
    out + rest
}

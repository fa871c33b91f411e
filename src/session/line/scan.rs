//! A pass over a line's JSON for what serde lets through: a key twice in one object, and white space. Two readers that
//! choose differently between two equal keys would see two meanings in the same bytes. The grammar itself is serde's work.

use memchr::memchr2;

/// The deepest nesting of a line.
const MAX_DEPTH: usize = 100;

/// Names and values of the one object that the text is, values as they stand there.
pub(super) fn top_level(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut scan = Scan { text, at: 0, open: Vec::with_capacity(8), keys: Vec::with_capacity(32), top: Vec::with_capacity(10) };
    if !text.starts_with("{\"") {
        return Err("no object with a field".to_owned());
    }
    while scan.at < text.len() {
        scan.token()?;
        if scan.open.is_empty() {
            break;
        }
    }
    if !scan.open.is_empty() {
        return Err("an object without its end".to_owned());
    }
    if scan.at < text.len() {
        return Err(format!("more text after the object, from column {}", scan.at + 1));
    }
    Ok(scan.top)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Container>,
    /// Keys of all open objects, those of the innermost last.
    keys: Vec<&'a str>,
    top: Vec<(&'a str, &'a str)>,
}

struct Container {
    closes: u8,
    /// Where its keys begin in `Scan::keys`.
    keys: usize,
    wants_key: bool,
}

impl Scan<'_> {
    fn token(&mut self) -> Result<(), String> {
        let byte = self.text.as_bytes()[self.at];
        match byte {
            b'"' => return self.string(),
            b'{' => self.enter(b'}')?,
            b'[' => self.enter(b']')?,
            b'}' | b']' => self.leave(byte)?,
            b',' => {
                if let Some(container) = self.open.last_mut() {
                    container.wants_key = container.closes == b'}';
                }
                self.end_value();
            }
            b' ' | b'\t' | b'\r' | b'\n' => return Err(format!("white space at column {}", self.at + 1)),
            _ => {}
        }
        self.at += 1;
        Ok(())
    }

    fn enter(&mut self, closes: u8) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} levels at column {}", self.at + 1));
        }
        self.open.push(Container { closes, keys: self.keys.len(), wants_key: closes == b'}' });
        Ok(())
    }

    fn leave(&mut self, byte: u8) -> Result<(), String> {
        self.end_value();
        let container = self.open.pop().filter(|container| container.closes == byte);
        let container = container.ok_or_else(|| format!("a bracket out of place at column {}", self.at + 1))?;
        if let Some(twice) = repeated(&mut self.keys[container.keys..]) {
            return Err(format!("the key \"{twice}\" twice in one object"));
        }
        self.keys.truncate(container.keys);
        Ok(())
    }

    /// At the end of a top-level value: what began after its key's colon ends here.
    fn end_value(&mut self) {
        if self.open.len() == 1
            && let Some((_, value)) = self.top.last_mut()
        {
            let begin = value.as_ptr() as usize - self.text.as_ptr() as usize;
            *value = &self.text[begin..self.at];
        }
    }

    fn string(&mut self) -> Result<(), String> {
        let bytes = self.text.as_bytes();
        let begin = self.at + 1;
        let mut end = begin;
        let mut escaped = false;
        loop {
            match bytes.get(end..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
                None => return Err("a text without its end".to_owned()),
                Some(quote) if bytes[end + quote] == b'"' => {
                    end += quote;
                    break;
                }
                Some(backslash) => {
                    escaped = true;
                    end += backslash + 2;
                }
            }
        }
        self.at = end + 1;
        let depth = self.open.len();
        if let Some(container) = self.open.last_mut().filter(|container| container.wants_key) {
            // No program of ours writes an escape in a name it chose; a captured record may have one, and one spelling of it.
            if escaped && depth == 1 {
                return Err(format!("an escape in a field's name at column {begin}"));
            }
            container.wants_key = false;
            let key = &self.text[begin..end];
            self.keys.push(key);
            if bytes.get(self.at) != Some(&b':') {
                return Err(format!("no colon after \"{key}\""));
            }
            self.at += 1;
            if depth == 1 {
                self.top.push((key, &self.text[self.at..self.at]));
            }
        }
        Ok(())
    }
}

/// A key that occurs twice; escapes are read first, since two spellings may be one name.
fn repeated(keys: &mut [&str]) -> Option<String> {
    if keys.iter().any(|key| key.contains('\\')) {
        let mut read: Vec<String> = keys.iter().map(|key| unescaped(key)).collect();
        read.sort_unstable();
        return read.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone());
    }
    if keys.len() <= 12 {
        return keys.iter().enumerate().find(|(index, key)| keys[..*index].contains(key)).map(|(_, key)| (*key).to_owned());
    }
    keys.sort_unstable();
    keys.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned())
}

fn unescaped(key: &str) -> String {
    serde_json::from_str(&format!("\"{key}\"")).unwrap_or_else(|_| key.to_owned())
}

//! A disk that fails at a chosen call and that loses, at a power cut, what was not synced: of a file any part of what was
//! appended, in sectors; of a directory the newest of its changes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use lockstep::io::lock::{Lock, NotTaken};
use lockstep::io::storage::{Storage, Stored};

#[derive(Debug, Clone, Default)]
struct Node {
    durable: Vec<u8>,
    now: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Change {
    Made(PathBuf, Entry),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Entry {
    Directory,
    File(usize),
}

/// What fails, and from when on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Nothing.
    None,
    /// This call, once; the disk is well again afterwards.
    Once(u64),
    /// This call and every one after it: the power is off.
    From(u64),
}

#[derive(Debug)]
struct World {
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, Entry>,
    durable_names: BTreeMap<PathBuf, Entry>,
    unsynced: Vec<Change>,
    locked: BTreeSet<PathBuf>,
    calls: u64,
    fault: Fault,
    failed: bool,
}

/// The disk; clones are the same one.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Mutex<World>>);

impl Disk {
    /// An empty disk with this fault.
    pub fn new(fault: Fault) -> Self {
        let names = BTreeMap::from([(PathBuf::from("/data"), Entry::Directory)]);
        Self::with(World {
            nodes: Vec::new(),
            durable_names: names.clone(),
            names,
            unsynced: Vec::new(),
            locked: BTreeSet::new(),
            calls: 0,
            fault,
            failed: false,
        })
    }

    fn with(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("no panic under the lock")
    }

    /// Whether the fault has struck.
    pub fn has_failed(&self) -> bool {
        self.world().failed
    }

    /// Sets the fault anew, counting from here.
    pub fn set(&self, fault: Fault) {
        let mut world = self.world();
        (world.calls, world.fault, world.failed) = (0, fault, false);
    }

    /// The bytes of a file as a program would read them now.
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let world = self.world();
        world
            .names
            .get(path)
            .and_then(|entry| if let Entry::File(node) = entry { Some(world.nodes[*node].now.clone()) } else { None })
    }

    /// The disk after a power cut. `pick(n)` chooses one of `n` ways, `0..n`.
    pub fn after_power_cut(&self, pick: &mut impl FnMut(usize) -> usize) -> Self {
        let world = self.world();
        let mut names = world.durable_names.clone();
        for change in &world.unsynced[..pick(world.unsynced.len() + 1)] {
            apply(&mut names, change);
        }
        let nodes = world.nodes.iter().map(|node| survivor(node, pick)).collect();
        Self::with(World {
            nodes,
            durable_names: names.clone(),
            names,
            unsynced: Vec::new(),
            locked: BTreeSet::new(),
            calls: 0,
            fault: Fault::None,
            failed: false,
        })
    }

    fn call<T>(&self, does: impl FnOnce(&mut World) -> io::Result<T>) -> io::Result<T> {
        let mut world = self.world();
        world.count()?;
        does(&mut world)
    }
}

fn survivor(node: &Node, pick: &mut impl FnMut(usize) -> usize) -> Node {
    let (durable, now) = (&node.durable, &node.now);
    let bytes = if now.starts_with(durable) {
        let mut bytes = now[..durable.len() + pick(now.len() - durable.len() + 1)].to_vec();
        for sector in (0..bytes.len()).step_by(512).filter(|sector| sector + 512 > durable.len()) {
            if pick(4) == 0 {
                let end = (sector + 512).min(bytes.len());
                bytes[sector.max(durable.len())..end].fill(0);
            }
        }
        bytes
    } else if pick(2) == 0 {
        durable.clone()
    } else {
        now.clone()
    };
    Node { durable: bytes.clone(), now: bytes }
}

fn apply(names: &mut BTreeMap<PathBuf, Entry>, change: &Change) {
    match change {
        Change::Made(path, entry) => {
            names.insert(path.clone(), *entry);
        }
        Change::Renamed(from, to) => {
            if let Some(entry) = names.remove(from) {
                names.insert(to.clone(), entry);
            }
        }
        Change::Removed(path) => {
            names.remove(path);
        }
    }
}

impl Change {
    fn is_in(&self, dir: &Path) -> bool {
        let (Self::Made(path, _) | Self::Renamed(path, _) | Self::Removed(path)) = self;
        path.parent() == Some(dir)
    }
}

impl World {
    fn count(&mut self) -> io::Result<()> {
        self.calls += 1;
        let strikes = match self.fault {
            Fault::None => false,
            Fault::Once(call) => self.calls == call,
            Fault::From(call) => self.calls >= call,
        };
        self.failed |= strikes;
        if strikes { Err(io::Error::other(format!("call {} fails", self.calls))) } else { Ok(()) }
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.names, &change);
        self.unsynced.push(change);
    }

    fn make(&mut self, path: &Path, entry: Entry) -> io::Result<()> {
        if self.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if path.parent().and_then(|parent| self.names.get(parent)) != Some(&Entry::Directory) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.change(Change::Made(path.to_owned(), entry));
        Ok(())
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Entry::File(node)) => Ok(*node),
            Some(Entry::Directory) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Storage for Disk {
    fn create_dirs(&self, path: &Path) -> io::Result<()> {
        self.call(|world| if world.names.contains_key(path) { Ok(()) } else { world.make(path, Entry::Directory) })
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.call(|world| world.make(path, Entry::Directory))
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn Stored>> {
        self.call(|world| {
            let node = world.nodes.len();
            world.make(path, Entry::File(node))?;
            world.nodes.push(Node::default());
            Ok(Box::new(OpenFile { disk: self.clone(), node }) as Box<dyn Stored>)
        })
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Stored>> {
        let node = self.call(|world| world.file(path))?;
        Ok(Box::new(OpenFile { disk: self.clone(), node }))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = self.call(|world| world.file(path).map(|node| world.nodes[node].now.clone()))?;
        if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.call(|world| {
            if world.names.get(path) != Some(&Entry::Directory) {
                return Err(io::ErrorKind::NotFound.into());
            }
            let inside = world.names.keys().filter(|name| name.parent() == Some(path));
            Ok(inside.filter_map(|name| Some(name.file_name()?.to_str()?.to_owned())).collect())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(|world| {
            world.file(from)?;
            world.change(Change::Renamed(from.to_owned(), to.to_owned()));
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|world| {
            world.file(path)?;
            world.change(Change::Removed(path.to_owned()));
            Ok(())
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.call(|world| {
            let (synced, rest): (Vec<_>, Vec<_>) =
                std::mem::take(&mut world.unsynced).into_iter().partition(|change| change.is_in(path));
            world.unsynced = rest;
            for change in &synced {
                apply(&mut world.durable_names, change);
            }
            Ok(())
        })
    }

    fn lock(&self, dir: &Path, _owner: &str) -> Result<Lock, NotTaken> {
        let taken = self.call(|world| Ok(world.locked.insert(dir.to_owned()))).map_err(NotTaken::Failed)?;
        if taken { Ok(Lock::of(Held(self.clone(), dir.to_owned()))) } else { Err(NotTaken::Held(Some("anna@PAW7".into()))) }
    }

    fn holder(&self, dir: &Path) -> Option<String> {
        self.world().locked.contains(dir).then(|| "anna@PAW7".to_owned())
    }
}

#[derive(Debug)]
struct Held(Disk, PathBuf);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.world().locked.remove(&self.1);
    }
}

#[derive(Debug)]
struct OpenFile {
    disk: Disk,
    node: usize,
}

impl Stored for OpenFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut world = self.disk.world();
        let counted = world.count();
        // A write that fails may have written a part.
        let written = if counted.is_ok() { bytes.len() } else { bytes.len() / 2 };
        world.nodes[self.node].now.extend_from_slice(&bytes[..written]);
        counted
    }

    fn length(&self) -> io::Result<u64> {
        self.disk.call(|world| Ok(world.nodes[self.node].now.len() as u64))
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.disk.call(|world| {
            world.nodes[self.node].now.truncate(usize::try_from(length).expect("a small file"));
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.call(|world| {
            let node = &mut world.nodes[self.node];
            node.durable = node.now.clone();
            Ok(())
        })
    }
}

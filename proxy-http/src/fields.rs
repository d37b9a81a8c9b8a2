//! Header or trailer fields: one arena of bytes, and an index of the names and values in it.
//!
//! A codec reads into the arena and fills the index with what it finds. A change appends to the arena and updates
//! the index; bytes that are no longer in the index stay until the message is cleared, or until room is needed. So
//! a message without changes is never copied.

/// A range of bytes in an arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
}

impl Piece {
    /// Creates the range between two offsets. Arenas are bounded far below 4 GiB.
    pub(crate) fn new(start: usize, end: usize) -> Piece {
        Piece { start: u32::try_from(start).unwrap_or(u32::MAX), end: u32::try_from(end).unwrap_or(u32::MAX) }
    }

    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) fn end(self) -> usize {
        self.end as usize
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub(crate) fn of(self, arena: &[u8]) -> &[u8] {
        arena.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The ranges of a field's name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Piece,
    pub(crate) value: Piece,
}

/// A header or trailer field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name, in lower case.
    pub name: &'a [u8],
    /// The value, without white space around it.
    pub value: &'a [u8],
}

/// The error of a change that exceeds the size limit of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the head of the message is too large for that")]
pub struct TooLarge;

/// The fields of a message, in their order. Names are in lower case.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    arena: Vec<u8>,
    index: Vec<Entry>,
    /// The most bytes of all ranges in use; 0 for no limit.
    limit: usize,
    /// Whether anything was changed since a codec filled it.
    touched: bool,
}

/// The size above which [`Fields::trim`] gives memory back, in bytes of the arena and in entries of the index.
const KEPT: (usize, usize) = (4096, 64);

impl Fields {
    /// No fields.
    pub(crate) const NONE: &Fields =
        &Fields { arena: Vec::new(), index: Vec::new(), limit: 0, touched: false };

    /// Creates an empty list, with a limit in bytes for the fields and the start line together.
    pub fn with_limit(limit: usize) -> Fields {
        Fields { limit, ..Fields::default() }
    }

    /// Changes the limit in bytes.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Returns the number of fields.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Returns whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Returns all fields, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Field<'_>> + ExactSizeIterator {
        self.index.iter().map(|entry| self.field(*entry))
    }

    /// Returns the values of all fields with this name, in their order. The name is in lower case.
    pub fn all<'a>(&'a self, name: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.iter().filter(move |field| field.name == name).map(|field| field.value)
    }

    /// Returns the value of the first field with this name. The name is in lower case.
    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter().find(|field| field.name == name).map(|field| field.value)
    }

    /// Returns whether there is a field with this name. The name is in lower case.
    pub fn has(&self, name: &[u8]) -> bool {
        self.get(name).is_some()
    }

    /// Appends a field. The name is in lower case.
    ///
    /// # Errors
    /// Returns an error if the limit is exceeded.
    pub fn add(&mut self, name: &[u8], value: &[u8]) -> Result<(), TooLarge> {
        self.reserve(name.len() + value.len())?;
        let entry = Entry { name: self.append(name), value: self.append(value) };
        self.index.push(entry);
        self.touched = true;
        Ok(())
    }

    /// Sets the field with this name: removes all with the name and appends one. The name is in lower case.
    ///
    /// # Errors
    /// Returns an error if the limit is exceeded; the fields with the name have been removed then.
    pub fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), TooLarge> {
        self.remove(name);
        self.add(name, value)
    }

    /// Removes all fields with this name, and returns how many there were. The name is in lower case.
    pub fn remove(&mut self, name: &[u8]) -> usize {
        self.retain(|field| field.name != name)
    }

    /// Removes the fields for which `keep` returns false, and returns how many there were.
    pub fn retain(&mut self, mut keep: impl FnMut(Field<'_>) -> bool) -> usize {
        let (before, arena) = (self.index.len(), &self.arena);
        self.index.retain(|entry| keep(Field { name: entry.name.of(arena), value: entry.value.of(arena) }));
        let gone = before - self.index.len();
        self.touched |= gone > 0;
        gone
    }

    /// Replaces the value of the field at an index. A value that is no longer than the one before always has room.
    ///
    /// # Errors
    /// Returns an error if the limit is exceeded; nothing is changed then.
    pub fn replace(&mut self, at: usize, value: &[u8]) -> Result<(), TooLarge> {
        let Some(entry) = self.index.get_mut(at) else { return Ok(()) };
        let start = entry.value.start();
        let place = self.arena.get_mut(start..entry.value.end()).and_then(|old| old.get_mut(..value.len()));
        match place {
            Some(place) => {
                place.copy_from_slice(value);
                entry.value = Piece::new(start, start + value.len());
            }
            None => {
                self.reserve(value.len())?;
                self.index[at].value = self.append(value);
            }
        }
        self.touched = true;
        Ok(())
    }

    /// Removes the field at an index.
    pub fn remove_at(&mut self, at: usize) {
        if at < self.index.len() {
            self.index.remove(at);
            self.touched = true;
        }
    }

    fn field(&self, entry: Entry) -> Field<'_> {
        Field { name: entry.name.of(&self.arena), value: entry.value.of(&self.arena) }
    }

    /// Appends bytes that are not in the index; only the caller has their range.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Piece {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        Piece::new(start, self.arena.len())
    }

    /// Makes sure that there is room for this many more bytes.
    pub(crate) fn reserve(&mut self, more: usize) -> Result<(), TooLarge> {
        if self.limit > 0 && self.arena.len() + more > self.limit {
            return Err(TooLarge);
        }
        Ok(())
    }

    /// Returns the bytes to which ranges refer.
    pub(crate) fn arena(&self) -> &[u8] {
        &self.arena
    }

    /// Returns the arena, for a codec to fill.
    pub(crate) fn arena_mut(&mut self) -> &mut Vec<u8> {
        &mut self.arena
    }

    /// Returns the arena and the index, for a codec to change.
    pub(crate) fn parts_mut(&mut self) -> (&mut Vec<u8>, &mut Vec<Entry>) {
        (&mut self.arena, &mut self.index)
    }

    /// Returns the index, for a codec to fill.
    pub(crate) fn index_mut(&mut self) -> &mut Vec<Entry> {
        &mut self.index
    }

    /// Returns whether anything was changed since a codec filled it.
    pub(crate) fn is_touched(&self) -> bool {
        self.touched
    }

    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    /// Removes all fields; the memory is kept.
    pub fn clear(&mut self) {
        self.arena.clear();
        self.index.clear();
        self.touched = false;
    }

    /// Removes all fields, and keeps the memory only if it is no more than most messages need.
    pub(crate) fn trim(&mut self) {
        self.clear();
        if self.arena.capacity() > KEPT.0 {
            self.arena = Vec::new();
        }
        if self.index.capacity() > KEPT.1 {
            self.index = Vec::new();
        }
    }

    /// Removes all fields, and keeps no memory.
    pub(crate) fn release(&mut self) {
        *self = Fields::with_limit(self.limit);
    }
}

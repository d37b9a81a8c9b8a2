//! Header or trailer fields: one arena of bytes, and an index of names and values in it.
//!
//! A codec reads into the arena and points the index to what it found. A change appends to the arena and points the
//! index there; what nobody points to any more stays until the message is cleared, or until room is needed. So a
//! message that nobody changes is never copied.

/// A piece of an arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
}

impl Piece {
    /// From one offset up to another. Arenas are bounded far below 4 GiB.
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

/// A field: where its name and value stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Piece,
    pub(crate) value: Piece,
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// In lower case.
    pub name: &'a [u8],
    /// Without white space around it.
    pub value: &'a [u8],
}

/// What a message may not be made larger than was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the head of the message is too large for that")]
pub struct TooLarge;

/// The fields of a message, in their order. Names are in lower case.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    arena: Vec<u8>,
    index: Vec<Entry>,
    /// The most bytes that pieces in use may take; 0 for no limit.
    limit: usize,
    /// Whether anything was changed since a codec has filled it.
    touched: bool,
}

impl Fields {
    /// None, and room for so many bytes of them and of the start line.
    pub fn with_limit(limit: usize) -> Fields {
        Fields { limit, ..Fields::default() }
    }

    /// Changes how many bytes there may be.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// All, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Field<'_>> + ExactSizeIterator {
        self.index.iter().map(|entry| self.field(*entry))
    }

    /// The values of a name, in their order. The name is in lower case.
    pub fn all<'a>(&'a self, name: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.iter().filter(move |field| field.name == name).map(|field| field.value)
    }

    /// The first value of a name. The name is in lower case.
    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter().find(|field| field.name == name).map(|field| field.value)
    }

    /// Whether there is one of that name. The name is in lower case.
    pub fn has(&self, name: &[u8]) -> bool {
        self.get(name).is_some()
    }

    /// Appends a field. The name is in lower case.
    ///
    /// # Errors
    /// When there is no room.
    pub fn add(&mut self, name: &[u8], value: &[u8]) -> Result<(), TooLarge> {
        self.reserve(name.len() + value.len())?;
        let entry = Entry { name: self.append(name), value: self.append(value) };
        self.index.push(entry);
        self.touched = true;
        Ok(())
    }

    /// Leaves one field of a name, the last. The name is in lower case.
    ///
    /// # Errors
    /// When there is no room; those of that name are gone then.
    pub fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), TooLarge> {
        self.remove(name);
        self.add(name, value)
    }

    /// Takes all of a name away, and says how many there were. The name is in lower case.
    pub fn remove(&mut self, name: &[u8]) -> usize {
        self.retain(|field| field.name != name)
    }

    /// Keeps some, and says how many are gone.
    pub fn retain(&mut self, mut keep: impl FnMut(Field<'_>) -> bool) -> usize {
        let (before, arena) = (self.index.len(), &self.arena);
        self.index.retain(|entry| keep(Field { name: entry.name.of(arena), value: entry.value.of(arena) }));
        let gone = before - self.index.len();
        self.touched |= gone > 0;
        gone
    }

    /// Gives the field at a place another value.
    ///
    /// # Errors
    /// When there is no room; nothing is changed then.
    pub fn replace(&mut self, at: usize, value: &[u8]) -> Result<(), TooLarge> {
        if at < self.index.len() {
            self.reserve(value.len())?;
            self.index[at].value = self.append(value);
            self.touched = true;
        }
        Ok(())
    }

    fn field(&self, entry: Entry) -> Field<'_> {
        Field { name: entry.name.of(&self.arena), value: entry.value.of(&self.arena) }
    }

    /// Appends bytes that only the caller points to.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Piece {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        Piece::new(start, self.arena.len())
    }

    /// Whether there is room for so many bytes more.
    pub(crate) fn reserve(&mut self, more: usize) -> Result<(), TooLarge> {
        if self.limit > 0 && self.arena.len() + more > self.limit {
            return Err(TooLarge);
        }
        Ok(())
    }

    /// The bytes that pieces point to.
    pub(crate) fn arena(&self) -> &[u8] {
        &self.arena
    }

    /// For a codec: the arena to be filled.
    pub(crate) fn arena_mut(&mut self) -> &mut Vec<u8> {
        &mut self.arena
    }

    /// For a codec: the arena, and the index to be changed.
    pub(crate) fn parts_mut(&mut self) -> (&mut Vec<u8>, &mut Vec<Entry>) {
        (&mut self.arena, &mut self.index)
    }

    /// For a codec: the index to be filled.
    pub(crate) fn index_mut(&mut self) -> &mut Vec<Entry> {
        &mut self.index
    }

    /// Whether anything was changed since a codec has filled it.
    pub(crate) fn is_touched(&self) -> bool {
        self.touched
    }

    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    /// None any more; the memory is kept.
    pub fn clear(&mut self) {
        self.arena.clear();
        self.index.clear();
        self.touched = false;
    }
}

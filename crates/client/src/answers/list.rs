//! Pages of lists.

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub entries: Vec<T>,
    /// Most entries on a page.
    pub limit: u16,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
    /// How many there are on all pages, if that was asked for.
    pub total: Option<u64>,
}

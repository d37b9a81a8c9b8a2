//! `proto` of bind lines: what the connections of a listener may carry.

/// What the connections of a listener may carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BindProto {
    /// What the mode of the frontend says, or what it becomes.
    #[default]
    Any,
    /// `h1`: HTTP/1 and no other HTTP.
    Http1,
    /// `none`: sessions of mode tcp, which do not become connections of HTTP.
    Tcp,
}

//! `option forwardfor` and `option originalto`: fields that tell servers the addresses of the client's connection.

use proxy_config::Network;

/// `option forwardfor`: the client's address, in a field of the request.
///
/// Frontend and backend may both have it. Then, as in HAProxy, the backend's field is added, once; not if the address
/// is in the network of either; and not if the request has the field and both have `if-none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardFor {
    /// The name of the field, in lower case; `x-forwarded-for` by default.
    pub name: String,
    /// The clients for which no field is added.
    pub except: Option<Network>,
    /// Whether a request that has the field already is left as it is. Otherwise another field is appended.
    pub if_none: bool,
}

/// `option originalto`: the address that the client connected to, in a field of the request. Those of frontend and
/// backend are combined as for [`ForwardFor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalTo {
    /// The name of the field, in lower case; `x-original-to` by default.
    pub name: String,
    /// The destination addresses for which no field is added.
    pub except: Option<Network>,
}

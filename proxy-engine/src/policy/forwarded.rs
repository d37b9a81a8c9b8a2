//! `option forwardfor` and `option originalto`: addresses of the client's connection that servers are told.

use proxy_config::Network;

/// `option forwardfor`: the client's address, in a field of the request.
///
/// Frontend and backend may both have it. Then, as in HAProxy, the field of the backend is written, once; not if the
/// address is in the network of either; and not if the request has the field and both say `if-none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardFor {
    /// The name of the field, in lower case; `x-forwarded-for` by default.
    pub name: String,
    /// Clients whose address is not told.
    pub except: Option<Network>,
    /// A request that has the field already is left as it is. Otherwise another one is appended.
    pub if_none: bool,
}

/// `option originalto`: the address that the client connected to, in a field of the request. Those of frontend and
/// backend are combined as for [`ForwardFor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalTo {
    /// The name of the field, in lower case; `x-original-to` by default.
    pub name: String,
    /// Addresses that are not told.
    pub except: Option<Network>,
}

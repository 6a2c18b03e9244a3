//! Page positions that anybody can read.

use doorward_domain::port::CursorSeal;

use super::hexadecimal;

/// "Seals" as hexadecimal text: a test can look inside, and a position of another context is still refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClearCursors;

impl CursorSeal for ClearCursors {
    fn seal(&self, plain: &[u8], context: &[u8]) -> String {
        format!("{}.{}", hexadecimal::encode(context), hexadecimal::encode(plain))
    }

    fn unseal(&self, sealed: &str, context: &[u8]) -> Option<Vec<u8>> {
        let (sealed_context, plain) = sealed.split_once('.')?;
        if hexadecimal::decode(sealed_context)? == context { hexadecimal::decode(plain) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_back_in_its_own_context_only() {
        let sealed = ClearCursors.seal(b"after ada", b"GET /api/user/all");
        assert_eq!(ClearCursors.unseal(&sealed, b"GET /api/user/all").as_deref(), Some(&b"after ada"[..]));
        assert_eq!(ClearCursors.unseal(&sealed, b"GET /api/user/active"), None);
        for foreign in ["", ".", "zz.00", "0.0", "no dot"] {
            assert_eq!(ClearCursors.unseal(foreign, b"GET /api/user/all"), None, "{foreign:?}");
        }
    }
}

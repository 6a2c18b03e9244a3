//! What holds of reading, whatever a client sends. The tests try it on the inputs that are kept in `crates/fuzz/corpus`,
//! libFuzzer on those that it makes up.

pub(crate) mod addresses;
pub(crate) mod bodies;
pub(crate) mod cursors;
pub(crate) mod json;
pub(crate) mod lists;

#[cfg(test)]
mod tests {
    use doorward_testkit::corpus::each_input_of;

    #[test]
    fn inp_07_every_spelling_of_an_address_in_the_corpus_is_one() {
        each_input_of("addresses", super::addresses::hold);
    }

    #[test]
    fn every_body_in_the_corpus_is_read_in_any_order() {
        each_input_of("bodies", super::bodies::hold);
    }

    #[test]
    fn every_cursor_in_the_corpus_belongs_to_one_list() {
        each_input_of("cursors", super::cursors::hold);
    }

    #[test]
    fn inp_02_every_object_in_the_corpus_is_what_serde_json_reads() {
        each_input_of("json", super::json::hold);
    }

    #[test]
    fn every_query_in_the_corpus_leads_to_its_next_page() {
        each_input_of("lists", super::lists::hold);
    }
}

//! A text with `@names@` in it.

/// `template` with each `@name@` replaced by its value.
///
/// A value of several lines is one for each line of the template: a name alone on its line stands for
/// all of them, indented as it is, or for none. Nothing is escaped: values are addresses, names of
/// headers and cookies, and numbers, which mean nothing else in any configuration.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    for line in template.lines() {
        let name = line.trim().strip_prefix('@').and_then(|rest| rest.strip_suffix('@'));
        let block = name.and_then(|name| values.iter().find(|(known, _)| *known == name));
        if let Some((_, block)) = block {
            let (indent, _) = line.split_at(line.len() - line.trim_start().len());
            for line in block.lines() {
                if !line.is_empty() {
                    filled.push_str(indent);
                }
                filled.push_str(line);
                filled.push('\n');
            }
        } else {
            let line = values.iter().fold(line.to_owned(), |line, (name, value)| {
                line.replace(&format!("@{name}@"), value)
            });
            filled.push_str(&line);
            filled.push('\n');
        }
    }
    filled
}

/// A line for each of `items`.
pub(super) fn lines<T>(
    items: impl IntoIterator<Item = T>,
    line: impl FnMut(T) -> String,
) -> String {
    items.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_within_a_line_is_replaced_and_one_alone_becomes_lines() {
        let values = [("a", "1".to_owned()), ("list", lines(["x", "y"], |item| item.repeat(2)))];
        assert_eq!(fill("a @a@ @b\n    @list@\nend\n", &values), "a 1 @b\n    xx\n    yy\nend\n");
    }

    #[test]
    fn an_empty_list_leaves_no_line() {
        assert_eq!(fill("a\n  @none@\nb\n", &[("none", String::new())]), "a\nb\n");
    }
}

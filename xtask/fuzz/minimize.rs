// SPDX-License-Identifier: GPL-2.0

//! Makes a list that has some property as short as it can be: the delta debugging of Zeller and Hildebrandt, without the
//! tests of single parts, which seldom succeed for sequences of calls.

/// The list without all that can be left out while `holds` holds; `None` from it ends the search with what there is.
pub(super) fn minimize<T: Clone>(
    list: Vec<T>,
    mut holds: impl FnMut(&[T]) -> Option<bool>,
) -> Vec<T> {
    let mut list = list;
    let mut part = list.len().div_ceil(2);
    while part > 0 && list.len() > 1 {
        let mut start = 0;
        let before = list.len();
        while start < list.len() {
            let end = (start + part).min(list.len());
            let rest = [&list[..start], &list[end..]].concat();
            if rest.is_empty() {
                break;
            }
            match holds(&rest) {
                Some(true) => list = rest,
                Some(false) => start = end,
                None => return list,
            }
        }
        // Single ones are gone through again as long as that helps.
        if part > 1 || list.len() == before {
            part /= 2;
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_goes() {
        let mut tries = 0;
        let found = minimize((0..100).collect(), |list| {
            tries += 1;
            Some(list.contains(&17) && list.contains(&60))
        });
        assert_eq!(found, [17, 60]);
        assert!(tries < 60, "{tries}");
    }

    #[test]
    fn what_only_goes_after_something_else_goes() {
        // 1 needs 0 before it, so that 0 can go once 1 has.
        let holds =
            |list: &[u32]| Some(list.contains(&9) && (!list.contains(&1) || list.contains(&0)));
        assert_eq!(minimize(vec![0, 1, 9], holds), [9]);
    }

    #[test]
    fn the_search_ends_when_it_is_told_to() {
        assert_eq!(minimize(vec![1, 2, 3], |_: &[i32]| None), [1, 2, 3]);
    }
}

package io.github.multiprom.cli;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How things are put for a terminal. */
final class Words {
  /** What would move the cursor, change colours, begin another line or turn the text around. */
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}]");

  private static final int MAX_NAMES = 10;

  private Words() {}

  /** A text of others, as a worker's or a file's name, with ? for all that does not print. */
  static String plain(String text) {
    return UNPRINTABLE.matcher(text).replaceAll("?");
  }

  /** A number of things: 1 worker, 2 workers. */
  static String count(long number, String thing) {
    return number + " " + thing + (number == 1 || thing.endsWith("series") ? "" : "s");
  }

  /** Some names, the first ten at most, parted by commas. */
  static String some(Collection<String> names) {
    String first = names.stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
    return names.size() > MAX_NAMES ? first + ", ..." : first;
  }

  /** Of a directory that is not ours. */
  static String noneOf(int otherFiles) {
    return count(otherFiles, "other file") + ", none of Multiprom";
  }
}

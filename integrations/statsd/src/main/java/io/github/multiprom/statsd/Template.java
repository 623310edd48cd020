package io.github.multiprom.statsd;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with references to captures, {@code $1} or <code>${1}</code>; as in Go, a name after
 * {@code $} is as long as can be, and one that captures nothing stands for nothing. Immutable.
 */
final class Template {
  /** What a match captured. */
  interface Captures {
    /** A capture by number or name; null for none. */
    String get(String reference);
  }

  private static final Pattern REFERENCE = Pattern.compile("\\$(?:\\{(\\w+)\\}|(\\w+)|(\\$))");

  private record Part(String text, boolean isReference) {}

  private final List<Part> parts = new ArrayList<>();

  Template(String text) {
    Matcher references = REFERENCE.matcher(text);
    int end = 0;
    while (references.find()) {
      add(text.substring(end, references.start()));
      end = references.end();
      if (references.group(3) != null) {
        add("$");
      } else {
        String name = references.group(1) != null ? references.group(1) : references.group(2);
        parts.add(new Part(name, true));
      }
    }
    add(text.substring(end));
  }

  private void add(String text) {
    if (!text.isEmpty()) {
      parts.add(new Part(text, false));
    }
  }

  /** The text with what was captured. */
  String fill(Captures captures) {
    if (parts.size() == 1 && !parts.get(0).isReference) {
      return parts.get(0).text;
    }
    StringBuilder filled = new StringBuilder();
    for (Part part : parts) {
      String text = part.isReference ? captures.get(part.text) : part.text;
      filled.append(text == null ? "" : text);
    }
    return filled.toString();
  }
}

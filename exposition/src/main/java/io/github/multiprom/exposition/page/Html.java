package io.github.multiprom.exposition.page;

/**
 * Writes HTML. Whatever comes from outside is text or the value of an attribute, and is escaped:
 * there is no other way to write it. One thread.
 */
final class Html {
  private static final char DELETE = 0x7F;
  private static final char LAST_CONTROL = 0x9F;
  private static final char REPLACEMENT = 0xFFFD;

  private final StringBuilder out = new StringBuilder();
  private int countedTo;
  private int bytes;

  /** A tag of this code, as it is. */
  Html tag(String tag) {
    out.append(tag);
    return this;
  }

  /**
   * A tag with an attribute whose value may be anything.
   *
   * @param tag without its closing bracket
   */
  Html tag(String tag, String attribute, String value) {
    out.append(tag).append(' ').append(attribute).append("=\"");
    escape(value);
    out.append("\">");
    return this;
  }

  /** Text that may be anything. */
  Html text(String text) {
    escape(text);
    return this;
  }

  /** A text that does not disturb the direction of what is around it, cut if it is long. */
  Html name(String name, int maxLength) {
    int end = name.length() <= maxLength ? name.length() : maxLength;
    if (end < name.length() && Character.isHighSurrogate(name.charAt(end - 1))) {
      end--;
    }
    out.append("<bdi>");
    escape(name.substring(0, end));
    out.append(end < name.length() ? "…" : "").append("</bdi>");
    return this;
  }

  private void escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        // HTML has no way to write a control character.
        default -> out.append(isControl(c) ? REPLACEMENT : c);
      }
    }
  }

  private static boolean isControl(char c) {
    return c < ' ' || (c >= DELETE && c <= LAST_CONTROL) || c == '\uFFFE' || c == '\uFFFF';
  }

  /** How many bytes were written, in UTF-8. */
  int bytes() {
    for (; countedTo < out.length(); countedTo++) {
      char c = out.charAt(countedTo);
      // Of a pair of surrogates, each is two.
      int wide = Character.isSurrogate(c) ? 2 : 3;
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : wide;
    }
    return bytes;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}

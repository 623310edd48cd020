package io.github.multiprom.internal.directory;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports of which a process takes the first that is free. Immutable.
 *
 * @param first at least 1
 * @param last at least the first one, at most 65535
 */
public record PortRange(int first, int last) {
  private static final int MAX_PORT = 65_535;

  private static final Pattern SYNTAX = Pattern.compile("(\\d{1,5})(?:\\s*-\\s*(\\d{1,5}))?");

  /** Checks the ports. */
  public PortRange {
    if (first < 1 || last < first || last > MAX_PORT) {
      throw new IllegalArgumentException("not ports: " + first + " to " + last);
    }
  }

  /**
   * The range that a text names: {@code 8001-8050}, or one port.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static PortRange parse(String text) {
    Matcher ports = SYNTAX.matcher(text.strip());
    if (!ports.matches()) {
      throw new IllegalArgumentException("not ports: " + text);
    }
    int first = Integer.parseInt(ports.group(1));
    return new PortRange(first, ports.group(2) == null ? first : Integer.parseInt(ports.group(2)));
  }

  /** As {@link #parse} takes it. */
  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}

package io.github.multiprom.statsd;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;

/** Which names a mapping is for. Immutable. */
abstract class NamePattern {
  private NamePattern() {}

  /** What a name captures; null if it is another one. */
  abstract Template.Captures match(String name);

  /** A regular expression in the syntax of Go, which may stand anywhere in the name. */
  static final class Regex extends NamePattern {
    private final Pattern pattern;

    /**
     * A regular expression.
     *
     * @throws IllegalArgumentException if it is none
     */
    Regex(String expression) {
      try {
        pattern = Pattern.compile(expression);
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "not a regular expression: " + expression + " (" + e.getDescription() + ")", e);
      }
    }

    @Override
    Template.Captures match(String name) {
      Matcher matcher = pattern.matcher(name);
      return matcher.find() ? reference -> group(matcher, reference) : null;
    }

    private static String group(Matcher matcher, String reference) {
      try {
        if (reference.chars().allMatch(c -> c >= '0' && c <= '9')) {
          int number = Integer.parseInt(reference);
          return number <= matcher.groupCount() ? matcher.group(number) : null;
        }
        return matcher.group(reference);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
  }

  /** Fields parted by dots, of which {@code *} stands for any. */
  static final class Glob extends NamePattern {
    private static final java.util.regex.Pattern SYNTAX =
        java.util.regex.Pattern.compile("(\\*|[a-zA-Z_][\\w-]*)(\\.(\\*|\\w[\\w-]*))*");

    private static final String ANY = "*";

    private final List<String> fields;

    /**
     * A glob.
     *
     * @throws IllegalArgumentException if it is none
     */
    Glob(String glob) {
      if (!SYNTAX.matcher(glob).matches()) {
        throw new IllegalArgumentException("not a match of type glob: " + glob);
      }
      fields = split(glob);
    }

    private static List<String> split(String name) {
      return List.of(name.split("\\.", -1));
    }

    @Override
    Template.Captures match(String name) {
      List<String> given = split(name);
      if (given.size() != fields.size()) {
        return null;
      }
      List<String> captured = new ArrayList<>();
      for (int i = 0; i < fields.size(); i++) {
        if (fields.get(i).equals(ANY)) {
          captured.add(given.get(i));
        } else if (!fields.get(i).equals(given.get(i))) {
          return null;
        }
      }
      return reference -> {
        for (int i = 0; i < captured.size(); i++) {
          if (reference.equals(Integer.toString(i + 1))) {
            return captured.get(i);
          }
        }
        return null;
      };
    }

    /** Whether it names the first field in which two globs that match one name differ. */
    boolean isMoreExactThan(Glob other) {
      for (int i = 0; i < fields.size(); i++) {
        boolean any = fields.get(i).equals(ANY);
        if (any != other.fields.get(i).equals(ANY)) {
          return !any;
        }
      }
      return false;
    }
  }
}

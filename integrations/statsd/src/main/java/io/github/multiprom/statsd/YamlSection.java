package io.github.multiprom.statsd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A mapping of a YAML file, whose keys are taken one by one. One thread. */
final class YamlSection {
  /** Something is wrong in a line. */
  static final class WrongException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** From 1. */
    final int line;

    WrongException(Node where, String message) {
      super(message);
      line = where.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
  }

  private final Node itself;
  private final Map<String, Node> left = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();

  /**
   * A mapping.
   *
   * @param node null, or a node without a value, for an empty one
   */
  YamlSection(Node node) {
    itself = node;
    if (isNull(node)) {
      return;
    }
    if (!(node instanceof MappingNode mapping)) {
      throw new WrongException(node, "must be a mapping");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String key = text(tuple.getKeyNode());
      if (keys.put(key, tuple.getKeyNode()) != null) {
        throw new WrongException(tuple.getKeyNode(), "key " + key + " stands there twice");
      }
      left.put(key, tuple.getValueNode());
    }
  }

  private static boolean isNull(Node node) {
    return node == null || node.getTag().equals(Tag.NULL);
  }

  private static String text(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new WrongException(node, "must be one value");
  }

  /** Whether it has a key that was not taken yet. */
  boolean has(String key) {
    return left.containsKey(key);
  }

  /** Says that the value of a key, or its absence, is wrong. */
  WrongException wrong(String key, String message) {
    return new WrongException(keys.getOrDefault(key, itself), message);
  }

  YamlSection section(String key) {
    return new YamlSection(left.remove(key));
  }

  /** A list of mappings. */
  List<YamlSection> sections(String key) {
    List<YamlSection> sections = new ArrayList<>();
    items(key).forEach(item -> sections.add(new YamlSection(item)));
    return sections;
  }

  private List<Node> items(String key) {
    Node node = left.remove(key);
    if (isNull(node)) {
      return List.of();
    }
    if (!(node instanceof SequenceNode sequence)) {
      throw new WrongException(node, key + " must be a list");
    }
    return sequence.getValue();
  }

  /** A text; empty if it is missing. */
  String text(String key) {
    Node node = left.remove(key);
    return isNull(node) ? "" : text(node);
  }

  boolean flag(String key) {
    String text = text(key);
    if (text.equals("true") || text.equals("false") || text.isEmpty()) {
      return text.equals("true");
    }
    throw wrong(key, key + " must be true or false: " + text);
  }

  /** A number; another one if it is missing. */
  double number(String key, double other) {
    Node node = left.remove(key);
    return isNull(node) ? other : number(node);
  }

  List<Double> numbers(String key) {
    return items(key).stream().map(YamlSection::number).toList();
  }

  private static double number(Node node) {
    String text = text(node);
    if (text.matches("[+]?\\.(inf|Inf|INF)")) {
      return Double.POSITIVE_INFINITY;
    }
    try {
      if (text.matches("[-+.\\deE]+")) {
        return Double.parseDouble(text);
      }
    } catch (NumberFormatException e) {
      // As below.
    }
    throw new WrongException(node, "not a number: " + text);
  }

  /** Takes all that is left, as texts. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    left.forEach((key, node) -> texts.put(key, isNull(node) ? "" : text(node)));
    left.clear();
    return texts;
  }

  /** Takes a key whose value means nothing here. */
  void ignore(String key) {
    left.remove(key);
  }

  /** Refuses what is left. */
  void end() {
    for (String key : left.keySet()) {
      throw new WrongException(keys.get(key), "unknown key " + key);
    }
  }
}

package io.github.multiprom.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelSetTest {
  @Test
  void doesNotDependOnTheOrderOfLabels() {
    assertEquals(
        LabelSet.of(List.of("a", "b"), List.of("1", "2")),
        LabelSet.of(List.of("b", "a"), List.of("2", "1")));
  }

  @Test
  void hasNoEmptyLabels() {
    assertEquals(
        LabelSet.of(List.of("a"), List.of("1")), LabelSet.of(List.of("b", "a"), List.of("", "1")));
    assertEquals(LabelSet.of(List.of(), List.of()), LabelSet.of(List.of("a"), List.of("")));
  }

  @Test
  void tellsNamesFromValues() {
    assertNotEquals(
        LabelSet.of(List.of("a"), List.of("b")), LabelSet.of(List.of("b"), List.of("a")));
  }
}

package io.github.multiprom.model;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** A directory in which nobody else counts. Immutable. */
final class NoForeignSource implements ForeignSource {
  private static final Reading NOTHING = new Reading(List.of(), List.of(), 0);

  @Override
  public Reading read() {
    return NOTHING;
  }

  @Override
  public boolean isCurrent() {
    return true;
  }

  @Override
  public boolean isOne(String fileName) {
    return false;
  }

  @Override
  public boolean isRetiring() {
    return false;
  }

  @Override
  public void claim(Predicate<Path> files, Set<Incarnation> listed) {}

  @Override
  public Set<Incarnation> claimed() {
    return Set.of();
  }

  @Override
  public void delete(Collection<Incarnation> incarnations) {}

  @Override
  public void close() {}
}

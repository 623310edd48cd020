package io.github.multiprom.model;

import java.util.List;

/**
 * The families and series that one incarnation has published, in that order. Immutable: when the
 * incarnation publishes more, its next snapshot has another catalog, otherwise the same object.
 *
 * @param families the families
 * @param series the series, in the order of publication
 * @param removedNanos for each series when it was removed, nanoseconds since the epoch; 0 if it was
 *     not
 */
public record Catalog(
    List<FamilyDescriptor> families, List<SeriesDescriptor> series, long[] removedNanos) {
  /** The family of a series. */
  public FamilyDescriptor familyOf(SeriesDescriptor descriptor) {
    return families.get(descriptor.family());
  }
}

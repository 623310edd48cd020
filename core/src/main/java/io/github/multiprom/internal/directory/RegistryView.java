package io.github.multiprom.internal.directory;

import io.github.multiprom.model.FamilyDescriptor;

/** Which families of a directory one registry shows. Immutable. */
@FunctionalInterface
public interface RegistryView {
  /** Shows every family. */
  RegistryView WHOLE = (family, isAllOwn) -> true;

  /**
   * Whether it shows a family.
   *
   * @param family as it is merged
   * @param isAllOwn whether every family that a live worker counts in was registered with
   *     registries of the applications' own only
   */
  boolean shows(FamilyDescriptor family, boolean isAllOwn);
}

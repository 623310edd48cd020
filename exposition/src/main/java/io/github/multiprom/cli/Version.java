package io.github.multiprom.cli;

import picocli.CommandLine.IVersionProvider;

/** Tells the version from the jar's manifest. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Multiprom.class.getPackage().getImplementationVersion();
    return new String[] {"multiprom " + (version == null ? "(unpackaged)" : version)};
  }
}

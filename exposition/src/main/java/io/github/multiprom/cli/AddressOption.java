package io.github.multiprom.cli;

import io.github.multiprom.exposition.discovery.Address;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option that says by which address Prometheus reaches the endpoint. */
final class AddressOption {
  @Spec(Target.MIXEE)
  private CommandSpec command;

  private String address;

  @Option(
      names = "--external-address",
      paramLabel = "H:P",
      description = "By which address Prometheus reaches the endpoint that serves the directory.")
  void setAddress(String text) {
    if (!Address.isOne(text)) {
      throw new ParameterException(
          command.commandLine(), "--external-address must be HOST or HOST:PORT: " + text);
    }
    address = text;
  }

  /** The address; null if the option was not given. */
  String address() {
    return address;
  }
}

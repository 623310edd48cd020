package io.github.multiprom.examples;

/** The demo that {@code mvn -Pdemo} runs. */
public final class Demo {
  private Demo() {}

  /** Runs the demo; with {@code -Ddemo.stay} it stays up until it is interrupted. */
  public static void main(String[] args) {
    System.out.println("Multiprom demo, stay = " + Boolean.getBoolean("demo.stay"));
  }
}

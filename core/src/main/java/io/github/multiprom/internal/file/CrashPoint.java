package io.github.multiprom.internal.file;

/**
 * The seam by which tests stop a writer between two steps of a protocol of the files, to see what a
 * reader finds then. Outside tests it does nothing.
 */
public interface CrashPoint {
  /** Where nobody stops. */
  CrashPoint NONE =
      new CrashPoint() {
        @Override
        public void passed(String step) {}
      };

  /** Called when the named step is done. */
  void passed(String step);
}

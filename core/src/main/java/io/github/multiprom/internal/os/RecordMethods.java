package io.github.multiprom.internal.os;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.runtime.ObjectMethods;

/** Lets go of what the JDK keeps of compared records. Thread-safe. */
public final class RecordMethods {
  private RecordMethods() {}

  /**
   * Makes the JDK forget the record that was compared last. JDK 17 keeps its class, and so its
   * class loader, in a place for one: making the methods of a class of the JDK's own takes that
   * place. Never throws.
   */
  public static void letGo() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Class<?> other = String.class;
      MethodHandle part = lookup.findVirtual(other, "toString", MethodType.methodType(other));
      make(lookup, "equals", MethodType.methodType(boolean.class, other, Object.class), part);
      make(lookup, "hashCode", MethodType.methodType(int.class, other), part);
    } catch (Throwable e) {
      // The class loader is kept until another record is compared.
    }
  }

  private static void make(
      MethodHandles.Lookup lookup, String name, MethodType type, MethodHandle part)
      throws Throwable {
    Object made = ObjectMethods.bootstrap(lookup, name, type, String.class, "part", part);
    if (made == null) {
      throw new IllegalStateException(name);
    }
  }
}

/* gpio-sim and irq_sim are built as one module outside the kernel: one function they use is not exported to modules. */
#include <linux/irq.h>
#include <linux/irqdesc.h>
#define irq_to_desc(number) irq_data_to_desc(irq_get_irq_data(number))

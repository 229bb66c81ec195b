/** Why a layer or an operator of a file is not read, in 简体中文: as `zh-sentences.ts`, for what Keras and TFLite files hold. */
export const zhLayerSentences: Readonly<Record<string, string>> = {
  // Keras files.
  'It is a bare function call in Python, "{call}", and no layer here computes it with these arguments.':
    '它是 Python 里直接的函数调用“{call}”，这里没有层能用这些参数计算它。',
  'Use the layer that does the same (Add, Multiply, Rescaling, Reshape, Activation …) in Keras and save again.':
    '请在 Keras 中换用效果相同的层（Add、Multiply、Rescaling、Reshape、Activation …），再重新保存。',
  'Its inputs have different masks, or only some have one.': '它的各个输入带有不同的掩码，或只有一部分带有掩码。',
  'In Keras it leaves out the steps that a Masking layer or an Embedding with mask_zero masks; here only recurrent layers do.':
    '在 Keras 中它会略去被 Masking 层或 mask_zero 的 Embedding 遮住的步；这里只有循环层会这样做。',
  'Rebuild the model in Keras without the mask (mask_zero=False, no Masking layer), copy the weights over and save again.':
    '请在 Keras 中不用掩码重建模型（mask_zero=False，不用 Masking 层），复制权重后重新保存。',
  '{what}; here every sequence starts from zeros, and only the output goes on.':
    '{what}；这里每个序列都从零开始，只有输出会传下去。',
  'Save the part of the model that needs no states on its own, with return_state=False.':
    '请用 return_state=False 单独保存模型中不需要状态的部分。',
  'Open the model from before it was annotated and quantize it here: its weights can be copied over by layer name.':
    '请打开加标注之前的模型，在这里量化：权重可以按层名复制过去。',
  'Call tfmot.clustering.keras.strip_clustering(model) and save again: the palette stays in the weights.':
    '请调用 tfmot.clustering.keras.strip_clustering(model) 再重新保存：码本会留在权重里。',
  'Around a layer that looks at more than one number of a step, it would have to run that layer for every step by itself.':
    '所包的层要看一步中的多个数值，因此必须对每一步单独运行那一层。',
  'Use a layer that does so anyway (Conv1D, Dense, a Reshape before and behind) in Keras, copy the weights over and save again.':
    '请在 Keras 中换用本来就这样计算的层（Conv1D、Dense、前后加 Reshape），复制权重后重新保存。',
  'It is a bare function call in Python ({name}), not a layer: its arguments are not saved in a form that can be trusted.':
    '它是 Python 里直接的函数调用（{name}），不是层：其参数没有以可信的形式保存。',
  'A Lambda layer holds Python code, which cannot run here.': 'Lambda 层里是 Python 代码，在这里无法运行。',
  'Replace it with a layer that does the same, such as Rescaling, Reshape or Activation, in Keras and save again.':
    '请在 Keras 中换用效果相同的层，如 Rescaling、Reshape 或 Activation，再重新保存。',
  'It belongs to the TensorFlow Model Optimization toolkit, which changes what the layer within computes.':
    '它属于 TensorFlow Model Optimization 工具包，会改变所包的层的计算。',
  'Of the recurrent layers the studio computes LSTM, GRU, SimpleRNN, and Bidirectional around one of them.':
    '循环层中，本站能计算 LSTM、GRU、SimpleRNN，以及包住其中之一的 Bidirectional。',
  'Build it of these layers in Keras, copy the weights over and save again.': '请在 Keras 中用这些层搭建，复制权重后重新保存。',
  'The studio has no exact arithmetic for it, and would rather refuse than approximate. It may also be a class of your own.':
    '本站没有它的精确算法，宁可拒绝也不近似。它也可能是你自己写的类。',
  'Replace it in Keras with layers from the list of supported layers and save again.':
    '请在 Keras 中换用支持列表里的层，再重新保存。',
  'It is a class of its own: what it computes stands only in the Python code that made it.':
    '它是自定义的类：如何计算只写在生成它的 Python 代码里。',
  'Rebuild it from the layers of Keras, copy the weights over and save again.': '请用 Keras 自带的层重建，复制权重后重新保存。',
  'The activations known here are {names}.': '这里支持的激活函数：{names}。',
  'Replace it in Keras by one of these, or by an activation layer of its own, and save the model again.':
    '请在 Keras 中换用其中之一，或改为单独的激活层，再重新保存模型。',
  'It normalizes by statistics that are not the moving averages.': '它归一化所用的统计量不是滑动平均。',
  'Rebuild the model in Keras with a plain BatchNormalization, copy the weights over and save it again.':
    '请在 Keras 中用普通的 BatchNormalization 重建模型，复制权重后重新保存。',
  'Rebuild it in Keras from one LSTM, GRU or SimpleRNN layer and a merge mode, copy the weights over and save again.':
    '请在 Keras 中用一个 LSTM、GRU 或 SimpleRNN 层加合并方式重建，复制权重后重新保存。',
  'Only LSTM, GRU and SimpleRNN are run in both directions here.': '这里只有 LSTM、GRU 和 SimpleRNN 能双向运行。',
  'Both are read as one setting.': '两者只能作为同一项设置读取。',
  'It has two outputs.': '它有两个输出。',
  'Its inputs {one} and {other} do not match outside axis {axis}.': '它的输入 {one} 和 {other} 在轴 {axis} 之外不一致。',
  'It joins two or more inputs, but was given {n}.': '它连接两个以上的输入，却只得到 {n} 个。',
  'Its kernels and feature maps are laid out channels first; TF.js computes channels last.':
    '它的卷积核和特征图是通道在前，而 TF.js 按通道在后计算。',
  'Rebuild the model in Keras with `data_format="channels_last"`, copy the weights over and save it again.':
    '请在 Keras 中用 `data_format="channels_last"` 重建模型，复制权重后重新保存。',
  'Keras itself cuts no such layer into groups.': 'Keras 本身不会把这种层分组。',
  'Use Conv1D or Conv2D with `groups` in Keras and save the model again.':
    '请在 Keras 中换用带 `groups` 的 Conv1D 或 Conv2D，再重新保存模型。',
  'No Keras backend and no TF.js backend defines this combination.': 'Keras 和 TF.js 的后端都没有定义这种组合。',
  'Set one of the two to 1 in Keras and save the model again.': '请在 Keras 中把其中一个设为 1，再重新保存模型。',
  'Cropping {before} and {behind} leaves nothing of its input {shape}.':
    '裁去 {before} 和 {behind} 之后，输入 {shape} 什么也不剩。',
  'It takes one input, but was given {n}.': '它接受一个输入，却得到 {n} 个。',
  'It takes {n} dimensions besides the batch, but its input is {shape}.': '除批以外它接受 {n} 维，而它的输入是 {shape}。',
  'The size of axis {axis} must be known, but its input is {shape}.': '轴 {axis} 的大小必须已知，而它的输入是 {shape}。',
  'Axis {axis} is not an axis of a tensor with {rank} dimensions, or is the batch.': '{rank} 维张量没有轴 {axis}，或它就是批。',
  'Its kernel is split into low-rank factors.': '它的核被拆成了低秩因子。',
  'Call `merge_lora()` in Keras and save again.': '请在 Keras 中调用 `merge_lora()` 再重新保存。',
  'It takes at least one dimension besides the batch.': '除批以外它至少需要一维。',
  'It takes two inputs, but was given {n}.': '它接受两个输入，却得到 {n} 个。',
  'Its inputs {one} and {other} do not match along the axes {axes}.': '它的输入 {one} 和 {other} 沿轴 {axes} 不一致。',
  'Its rows are split into low-rank factors.': '它的各行被拆成了低秩因子。',
  'The file holds a frozen TensorFlow graph: its operators run as a whole and can not be taken for {what}.':
    '文件里是冻结的 TensorFlow 图：其算子整体运行，不能当作 {what}。',
  '{groups} groups do not divide {channels} channels and {filters} filters.':
    '{groups} 组不能整除 {channels} 个通道和 {filters} 个滤波器。',
  'The kinds known here are {names}.': '这里支持的种类：{names}。',
  'It divides by a variance about the mean without taking the mean away.': '它除以围绕均值的方差，却没有减去均值。',
  'Use RMSNormalization in Keras and save the model again.': '请在 Keras 中换用 RMSNormalization，再重新保存模型。',
  '{n} groups do not divide its {channels} channels.': '{n} 组不能整除它的 {channels} 个通道。',
  'It takes at least two dimensions besides the batch: steps and features.': '除批以外它至少需要两维：步和特征。',
  'Its inputs {one} and {other} do not match.': '它的输入 {one} 和 {other} 不一致。',
  'It takes {exactly} inputs, but was given {n}.': '它接受 {exactly} 个输入，却得到 {n} 个。',
  'It merges two or more inputs, but was given {n}.': '它合并两个以上的输入，却只得到 {n} 个。',
  'It has {n} statistics for {count} channels.': '它有 {n} 个统计量，对应 {count} 个通道。',
  'It orders {n} axes, but its input is {shape}.': '它排列 {n} 个轴，而它的输入是 {shape}。',
  'Prepare pictures of the right size, leave the layer out in Keras and save the model again.':
    '请准备好大小合适的图片，在 Keras 中去掉这一层，再重新保存模型。',
  'The part taken, or the filter, depends on the size of each picture.': '截取的部分或滤波方式取决于每张图片的大小。',
  'TF.js interpolates by nearest and bilinear only.': 'TF.js 只有最近邻和双线性插值。',
  'Its input {shape} is smaller than the part {part} that it takes.': '它的输入 {shape} 比要截取的 {part} 还小。',
  'Its sequences lie time before batch.': '它的序列是时间在批之前。',
  'Rebuild the layer in Keras with `time_major=False`, copy the weights over and save again.':
    '请在 Keras 中用 `time_major=False` 重建这一层，复制权重后重新保存。',
  'It takes one sequence [steps, features] besides the batch; states can not be given to it.':
    '除批以外它接受一个序列 [步, 特征]；不能给它状态。',
  'What masks its steps has another number of them.': '遮住各步的掩码与步数不同。',
  'It has {n} factors for an input of {shape}.': '它有 {n} 个系数，而输入是 {shape}。',
  "{shape} has {n} elements, which can't take the shape ({other}).": '{shape} 有 {n} 个元素，不能变为形状（{other}）。',
  'Leave it at its default in Keras and save the model again.': '请在 Keras 中让它保持默认，再重新保存模型。',
  'TF.js has no transposed convolution with holes in its kernel.': 'TF.js 没有带空洞的转置卷积。',
  'Where it puts the added rows differs between the backends of Keras.': '补上的行放在哪里，在 Keras 的各个后端之间并不相同。',
  'Choose "nearest" or "bilinear" in Keras and save the model again.':
    '请在 Keras 中选择 "nearest" 或 "bilinear"，再重新保存模型。',
  'A window of {reach} does not fit an axis of {size} without padding.':
    '不填充时，大小为 {reach} 的窗口放不进长度为 {size} 的轴。',
  '`{field}` should be {expected}, but the file says {found}.': '`{field}` 应为 {expected}，而文件里是 {found}。',
  'A .keras file numbers the tensors of a wrapper without saying what each is.':
    '.keras 文件只给包装层的张量编号，没有写明各是什么。',
  'Save the model as .h5 (model.save("model.h5")), where they have names, and open that.':
    '请保存为 .h5（model.save("model.h5")），其中的张量有名称，再打开它。',
  'It runs a whole model on every step.': '它在每一步上运行一整个模型。',
  'Wrap each of its layers by itself in Keras, copy the weights over and save again.':
    '请在 Keras 中逐层单独包装，复制权重后重新保存。',
  'It prepares texts, categories or sounds for the network; here data are numbers from the start.':
    '它为网络准备文本、类别或声音；而这里的数据从一开始就是数值。',
  'Save the part of the model behind it on its own, and give it what this layer would make.':
    '请单独保存它之后的部分，并给出这一层本会产生的内容。',
  'Which weights it keeps at zero is not saved with it (preserve_sparsity).':
    '文件里没有保存它让哪些权重保持为零（preserve_sparsity）。',
  'It has a palette for each channel (cluster_per_channel).': '它的每个通道各有一个码本（cluster_per_channel）。',
  'It rounds values to {bits} bits.': '它把数值舍入到 {bits} 位。',
  'It rounds values by a quantizer of its own ({name}).': '它用自己的量化器舍入数值（{name}）。',
  'It is quantized by a scheme other than the default one of 8 bits ({name}).': '它的量化方案不是默认的 8 位方案（{name}）。',
  'It quantizes constants within a function call (weight_values).': '它量化了函数调用里的常数（weight_values）。',
  'It rounds weights to {bits} bits.': '它把权重舍入到 {bits} 位。',
  'It rounds weights by {name}, which is not read here.': '它按 {name} 舍入权重，这里不能读取。',
  'It rounds values by {name}, which is not read here.': '它按 {name} 舍入数值，这里不能读取。',
  'Axes {axes} of {shape} can not look at each other.': '{shape} 的轴 {axes} 无法相互关注。',
  'Its query, value and key {shapes} do not fit each other.': '它的 query、value 和 key（{shapes}）互不相符。',
  'The size of the axis {axis} of {equation} must be known, but its input is {shape}.':
    '{equation} 中轴 {axis} 的大小必须已知，而它的输入是 {shape}。',
  'Write it in Keras as a product that keeps the batch, copy the weights over and save again.':
    '请在 Keras 中改写为保留批的乘积，复制权重后重新保存。',
  'Use Conv3D without groups in Keras and save the model again.': '请在 Keras 中换用不分组的 Conv3D，再重新保存模型。',
  'Build it without that in Keras, train it again and save.': '请在 Keras 中去掉这一项，重新训练后再保存。',
  'What its heads find is multiplied by a gate, which is not computed here.': '各头的结果还要乘以一个门控，这里不支持。',
  'Each row attends to its neighbours alone, which is not computed here.': '每一行只关注邻近的行，这里不支持。',
  'TF.js has no convolution of volumes in groups.': 'TF.js 没有分组的三维卷积。',
  'Here {reason}.': '在这里，{reason}。',
  'The equation {equation} does not name the {rank} axes of its input, batch included.':
    '等式 {equation} 没有写出输入的 {rank} 个轴（包括批）。',
  'Its output shape has {n} sizes, and its equation names {m}.': '它的输出形状有 {n} 个大小，而等式写了 {m} 个。',
  'It does not tell the size of the axis {axis} it makes.': '它没有写明新产生的轴 {axis} 的大小。',
  'It should keep {size} where its input {shape} has {other}.': '它应保持 {size}，而输入 {shape} 在那里是 {other}。',
  'Its query must have rows and features.': '它的 query 必须有行和特征。',
  'It is called with use_causal_mask = True, which has no meaning for rows along several axes.':
    '调用时用了 use_causal_mask = True，对沿多个轴排列的行没有意义。',
  'Its operands {shapes} do not fit each other.': '它的操作数 {shapes} 互不相符。',
  'Sizes {sizes} can not be stretched to each other.': '大小 {sizes} 不能相互扩展。',
  'Matrices {one} and {other} have no product.': '矩阵 {one} 与 {other} 不能相乘。',
  'No Keras layer computes what it computes.': '没有哪个 Keras 层能做它的计算。',
  'Put a layer there that takes one step (Conv2D, a pooling, Flatten …) in Keras, copy the weights over and save again.':
    '请在 Keras 中换成处理单步的层（Conv2D、池化、Flatten …），复制权重后重新保存。',
  'It is not run step by step here.': '这里不会逐步运行它。',

  // TFLite files.
  'It works on steps that have been given one more number.': '它处理的各步被多加了一个数。',
  'Nothing that layers make flows into it.': '没有由层产生的值流入它。',
  'Its inputs have different numbers of axes.': '它的各个输入的轴数不同。',
  'Its stored operand [{shape}] says something else for each sample.': '它存储的操作数 [{shape}] 对每个样本各不相同。',
  'It reduces the axes {axes} of {rank}.': '它归约 {rank} 维中的轴 {axes}。',
  'It multiplies a sample with another sample.': '它把一个样本与另一个样本相乘。',
  'It has peepholes, a projection or normalized gates.': '它带有窥视孔、投影或归一化的门。',
  'Its input gate is one less its forget gate.': '它的输入门是一减去遗忘门。',
  'It clips its cells, has another activation than tanh, or a state that mixes no units.':
    '它会截断单元、激活函数不是 tanh，或状态不混合各单元。',
  'Its first step is stored and does more than to forget what was before.': '它的第一步存于文件中，且不只是忘掉之前的状态。',
  'Its steps and its batch are the other way round.': '它的步与批的顺序颠倒了。',
  'Its gates have kernels of different sizes.': '它的各个门的核大小不同。',
  'Its input {place} is computed; here it must be stored in the file.': '它的第 {place} 个输入是算出来的；在这里必须存于文件中。',
  'Its input has time before the batch.': '它的输入是时间在批之前。',
  'Its input {place} does not come from a layer.': '它的第 {place} 个输入不是来自层。',
  'It applies the activation {code} (RELU_N1_TO_1 or SIGN_BIT), which no Keras layer has.':
    '它使用激活函数 {code}（RELU_N1_TO_1 或 SIGN_BIT），Keras 没有这样的层。',
  'The tensor "{name}" has no batch axis.': '张量“{name}”没有批这个轴。',
  'No layer here computes what it computes.': '这里没有层能做它的计算。',
  'Open the Keras model it was converted from (.keras or .h5).': '请打开转换之前的 Keras 模型（.keras 或 .h5）。',
  '"{path}" says schema version {version}; version 3 is read.': '“{path}”写明的模式版本是 {version}；能读的是版本 3。',
  'Its slopes have the shape [{shape}].': '它的斜率的形状是 [{shape}]。',
  'Its stored operand has the shape [{shape}]: neither one number nor one for each channel.':
    '它存储的操作数的形状是 [{shape}]：既不是一个数，也不是每个通道一个。',
  'It divides by a value that layers make, which no Keras layer does.': '它除以由层产生的值，Keras 没有这样的层。',
  'It makes [{target}] of samples of [{shape}], and so mixes samples.': '它把 [{shape}] 的样本变成 [{target}]，因而混合了样本。',
  'It transposes a value that no layer makes.': '它转置的值不由层产生。',
  'It moves the batch: its order of axes is [{order}].': '它移动了批：轴的顺序是 [{order}]。',
  'It takes {start} … {end} of {n} elements.': '它取 {n} 个元素中的 {start} … {end}。',
  'an unknown number of': '数目未知的',
  'It takes a part of a sample whose size is not known.': '它截取的样本大小未知。',
  'It works along axis {axis} of {rank}, the batch.': '它沿 {rank} 维中的轴 {axis} 计算，而那是批。',
  'It takes a part of a value that no layer makes.': '它截取的值不由层产生。',
  'It takes a part of the batch.': '它截取了批的一部分。',
  'It inserts axes.': '它插入了轴。',
  'Its strides are [{strides}]; here they are 1.': '它的步长是 [{strides}]；在这里须为 1。',
  'It reduces the axes {axes} of {rank}; here all places of each channel are reduced, and nothing else.':
    '它归约 {rank} 维中的轴 {axes}；这里只归约每个通道的全部位置。',
  'It pads {n} axes of {rank}.': '它填充 {rank} 维中的 {n} 个轴。',
  'It pads with a number other than zero.': '它用零以外的数填充。',
  'It pads the batch or the channels.': '它填充了批或通道。',
  'It resizes to a size that is not stored.': '它缩放到的大小没有存储下来。',
  'It interpolates between corners; here, as in Keras, between the centres of pixels.':
    '它在角点之间插值；这里与 Keras 一样，在像素中心之间插值。',
  'It takes the nearest place as counted from corners; here, as in Keras, from the centres of pixels.':
    '它从角点算最近的位置；这里与 Keras 一样，从像素中心算。',
  'Its kernel takes {n} of {channels} channels.': '它的核只取 {channels} 个通道中的 {n} 个。',
  'It makes [{shape}], and a transposed convolution in Keras [{other}].': '它得到 [{shape}]，而 Keras 的转置卷积得到 [{other}]。',
  'It makes {n} channels of {channels}.': '它把 {channels} 个通道变成 {n} 个。',
  'Its weights are shuffled for one processor.': '它的权重是为某种处理器重排过的。',
  'It makes rows of {depth} numbers of samples of [{shape}], several of each sample.':
    '它把 [{shape}] 的样本变成每行 {depth} 个数，每个样本有多行。',
  'It multiplies two values that layers make, which no Keras layer here does.':
    '它把两个由层产生的值相乘，这里没有这样的 Keras 层。',
  'It multiplies by a stack of matrices.': '它乘以一叠矩阵。',
  'Its matrix takes {depth} numbers of [{shape}].': '它的矩阵接受 [{shape}] 中的 {depth} 个数。',
  'It gathers something other than rows of a table.': '它取的不是表格的行。',
};
